namespace Webmail.Protocols.Pop3.Commands;

/// <summary>STLS (RFC 2595 section 4). What a client sends behind it goes into the handshake, never into a command.</summary>
internal sealed record Stls : IAuthorizationCommand<Stls>
{
    public static Verb Verb { get; } = new("STLS") { Capability = s => s.Maildrop is null && !s.Wire.IsEncrypted ? "STLS" : null };

    public static Stls Parse(ref Pop3Reader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Pop3Reply> RunAsync(Pop3Session session, CancellationToken ct)
    {
        if (session.Wire.IsEncrypted)
            return new(Pop3Reply.Err("TLS is on already"));

        // RFC 6856 section 2.1.
        return new(session.IsUtf8 ? Pop3Reply.Err("STLS comes before UTF8") : Pop3Reply.Ok("Begin TLS").Then(After.StartTls));
    }
}
