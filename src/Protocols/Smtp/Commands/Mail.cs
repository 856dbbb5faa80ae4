using Webmail.MailCore.Inbound;

namespace Webmail.Protocols.Smtp.Commands;

/// <summary>MAIL FROM (RFC 5321 section 4.1.1.2): begins a transaction.</summary>
internal sealed record Mail(SmtpPath Path, IReadOnlyList<SmtpParameter> Parameters) : IGreetedCommand<Mail>
{
    private static readonly SmtpReply Ok = SmtpReply.Of(250, "2.1.0", "Sender ok");
    private static readonly SmtpReply Nested = SmtpReply.Of(503, "5.5.1", "A transaction is under way already");
    private static readonly SmtpReply LogInFirst = SmtpReply.Of(530, "5.7.0", "Authentication required");
    private static readonly SmtpReply TlsFirst = SmtpReply.Of(530, "5.7.0", "Say STARTTLS first, then log in");

    // RFC 6531 section 3.5.
    internal static readonly SmtpReply Utf8Needed = SmtpReply.Of(553, "5.6.7", "The address needs SMTPUTF8");

    public static string Verb => "MAIL";

    public static Mail Parse(ref SmtpReader r) => new(r.Path("FROM:"u8, PathKind.Reverse), r.Parameters());

    public async ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct)
    {
        if (session.Transaction is not null)
            return Nested;
        if (session.Profile.Ingress == Ingress.Submission && session.Principal is null)
            return session.AllowsPlaintextLogin ? LogInFirst : TlsFirst;

        var options = new MailOptions();
        if (SmtpExtensions.OnMail(session, Parameters, options) is { } wrong)
            return wrong;
        if (Path.HasUtf8 && !options.NeedsUtf8)
            return Utf8Needed;
        if (await session.Services.Inbound.CheckSenderAsync(session.Client, Path.Address, ct) is { } refusal)
            return SmtpErrors.ReplyFor(refusal);
        session.Begin(new(Path.Address, options));
        return Ok;
    }
}
