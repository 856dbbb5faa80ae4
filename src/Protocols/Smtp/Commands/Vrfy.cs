namespace Webmail.Protocols.Smtp.Commands;

/// <summary>VRFY (RFC 5321 sections 3.5.3 and 7.3): tells nothing, so that nobody's address can be fished for.</summary>
internal sealed record Vrfy : IAnyTimeCommand<Vrfy>
{
    private static readonly SmtpReply CannotTell = SmtpReply.Of(252, "2.5.0", "Cannot say; send the mail and see");

    public static string Verb => "VRFY";

    public static Vrfy Parse(ref SmtpReader r)
    {
        r.Space();
        if (r.IsAtEnd)
            throw SmtpSyntaxException.Arguments("Say VRFY address");
        r.SkipAll();
        return new();
    }

    public ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct) => new(SmtpHandler.Idle(session, CannotTell));
}

/// <summary>EXPN (RFC 5321 sections 3.5.3 and 7.3): refused for good, since who is on a list is nobody's to fish for.</summary>
internal sealed record Expn : IAnyTimeCommand<Expn>
{
    private static readonly SmtpReply NotHere = SmtpReply.Of(502, "5.5.1", "Lists are not expanded here");

    public static string Verb => "EXPN";

    public static Expn Parse(ref SmtpReader r)
    {
        r.SkipAll();
        return new();
    }

    public ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct) => new(NotHere);
}
