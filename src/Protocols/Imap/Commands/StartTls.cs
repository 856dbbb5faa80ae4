namespace Webmail.Protocols.Imap.Commands;

/// <summary>STARTTLS (RFC 3501 section 6.2.1). The loop does it, after the answer.</summary>
internal sealed record StartTls : IAnonymousCommand<StartTls>
{
    public static Verb Verb { get; } = new("STARTTLS");

    public static StartTls Parse(ref ImapReader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Reply> RunAsync(ImapSession session, CancellationToken ct) =>
        new(session.Wire.IsEncrypted ? Reply.Bad("TLS is in use already") : Reply.Ok("Begin TLS now", after: After.StartTls));
}
