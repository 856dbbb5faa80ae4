namespace Webmail.Protocols.Smtp.Commands;

/// <summary>STARTTLS (RFC 3207). What was pipelined behind it goes into the handshake and is never run.</summary>
internal sealed record StartTls : IAnyTimeCommand<StartTls>
{
    private static readonly SmtpReply Ready = SmtpReply.Of(220, "2.0.0", "Ready to start TLS").Then(After.StartTls);
    private static readonly SmtpReply Already = SmtpReply.Of(503, "5.5.1", "TLS is on already");

    public static string Verb => "STARTTLS";

    public static StartTls Parse(ref SmtpReader r)
    {
        r.End();
        return new();
    }

    public ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct) => new(session.Wire.IsEncrypted ? Already : Ready);
}
