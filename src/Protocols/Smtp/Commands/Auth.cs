namespace Webmail.Protocols.Smtp.Commands;

/// <summary>AUTH (RFC 4954), with or without an initial response.</summary>
internal sealed record Auth(string Mechanism, string? Initial) : IGreetedCommand<Auth>
{
    private static readonly SmtpReply Again = SmtpReply.Of(503, "5.5.1", "You are logged in already");
    private static readonly SmtpReply InTransaction = SmtpReply.Of(503, "5.5.1", "Not within a transaction");
    private static readonly SmtpReply NotHere = SmtpReply.Of(502, "5.5.1", "AUTH is not for LMTP");
    private static readonly SmtpReply UnknownMechanism = SmtpReply.Of(504, "5.5.4", "No such mechanism here");
    private static readonly SmtpReply TlsFirst = SmtpReply.Of(538, "5.7.11", "Logins only under TLS: say STARTTLS first");
    private static readonly SmtpReply NotBase64 = SmtpReply.Of(501, "5.5.2", "That is not base64");
    private static readonly SmtpReply Failed = SmtpReply.Of(535, "5.7.8", "Authentication failed");
    private static readonly SmtpReply Welcome = SmtpReply.Of(235, "2.7.0", "Authentication succeeded");

    public static string Verb => "AUTH";

    public static Auth Parse(ref SmtpReader r)
    {
        r.Space();
        var mechanism = r.Word();
        string? initial = null;
        if (!r.IsAtEnd)
        {
            r.Space();
            if (!r.IsAtEnd)
                initial = r.Word();
        }

        r.End();
        return new(mechanism, initial);
    }

    // A record prints its members, and this one holds a password.
    public override string ToString() => $"AUTH {Mechanism}";

    public async ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct)
    {
        if (session.Profile.IsLmtp)
            return NotHere;
        if (session.Principal is not null)
            return Again;
        if (session.Transaction is not null)
            return InTransaction;
        var start = session.Services.Sasl.Begin(Mechanism, session.Facts);
        if (start.Exchange is not { } exchange)
            return start.NeedsTls ? TlsFirst : UnknownMechanism;

        // RFC 4954 section 4: "=" is an initial response of no octets.
        ReadOnlyMemory<byte>? message = null;
        if (Initial is not null && (message = Initial == "=" ? ReadOnlyMemory<byte>.Empty : Decode(Initial)) is null)
            return NotBase64;
        while (true)
        {
            var step = await exchange.StepAsync(message, ct);
            if (step.Principal is { } principal)
            {
                session.LogIn(principal);
                return Welcome;
            }

            if (step.IsDone)
                return step.Advice is { } advice ? SmtpReply.Of(535, "5.7.8", advice) : Failed;
            var (answer, over) = await session.AskAsync(step.Challenge, ct);
            if (over is not null)
                return over;
            if ((message = Decode(answer!)) is null)
                return NotBase64;
        }
    }

    private static ReadOnlyMemory<byte>? Decode(string text)
    {
        var octets = new byte[text.Length];
        if (text.AsSpan().ContainsAny(" \t") || !Convert.TryFromBase64String(text, octets, out var n))
            return null;
        return octets.AsMemory(0, n);
    }
}
