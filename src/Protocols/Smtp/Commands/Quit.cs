namespace Webmail.Protocols.Smtp.Commands;

/// <summary>QUIT (RFC 5321 section 4.1.1.10).</summary>
internal sealed record Quit : IAnyTimeCommand<Quit>
{
    private static readonly SmtpReply Bye = SmtpReply.Of(221, "2.0.0", "Goodbye").Then(After.Close);

    public static string Verb => "QUIT";

    public static Quit Parse(ref SmtpReader r)
    {
        r.End();
        return new();
    }

    public ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct) => new(Bye);
}
