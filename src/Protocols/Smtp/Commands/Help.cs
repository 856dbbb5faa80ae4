namespace Webmail.Protocols.Smtp.Commands;

/// <summary>HELP (RFC 5321 section 4.1.1.8): the verbs of this door.</summary>
internal sealed record Help : IAnyTimeCommand<Help>
{
    public static string Verb => "HELP";

    public static Help Parse(ref SmtpReader r)
    {
        r.SkipAll();
        return new();
    }

    public ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct) =>
        new(SmtpHandler.Idle(session, SmtpReply.Of(214, "2.0.0", "This is Webmail", string.Join(' ', session.Profile.Commands.Verbs))));
}
