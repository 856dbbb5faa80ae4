namespace Webmail.Protocols.Pop3.Commands;

/// <summary>USER (RFC 1939 section 7): any name is taken here, so that nobody learns which ones exist.</summary>
internal sealed record User(string Name) : IAuthorizationCommand<User>
{
    public static Verb Verb { get; } = new("USER") { Capability = s => s.AllowsPlaintext ? "USER" : null };

    public static User Parse(ref Pop3Reader r) => new(r.Rest("The name").TrimEnd(' '));

    public ValueTask<Pop3Reply> RunAsync(Pop3Session session, CancellationToken ct)
    {
        if (!session.AllowsPlaintext)
            return new(Pop3Reply.Err("Logins only under TLS: use STLS first"));
        session.User = Name;
        return new(Pop3Reply.Ok("Now PASS"));
    }
}
