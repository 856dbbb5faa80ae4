namespace Webmail.Protocols.Smtp.Commands;

/// <summary>NOOP (RFC 5321 section 4.1.1.9), with or without an argument.</summary>
internal sealed record Noop : IAnyTimeCommand<Noop>
{
    private static readonly SmtpReply Ok = SmtpReply.Of(250, "2.0.0", "Ok");

    public static string Verb => "NOOP";

    public static Noop Parse(ref SmtpReader r)
    {
        r.SkipAll();
        return new();
    }

    public ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct) => new(SmtpHandler.Idle(session, Ok));
}
