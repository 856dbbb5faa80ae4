namespace Webmail.Protocols.Pop3.Commands;

/// <summary>PASS (RFC 1939 section 7), after USER.</summary>
internal sealed record Pass(string Password) : IAuthorizationCommand<Pass>
{
    public static Verb Verb { get; } = new("PASS");

    public static Pass Parse(ref Pop3Reader r) => new(r.Rest("The password"));

    public async ValueTask<Pop3Reply> RunAsync(Pop3Session session, CancellationToken ct)
    {
        if (!session.AllowsPlaintext)
            return Pop3Reply.Err("Logins only under TLS: use STLS first");
        if (session.User is not { } name)
            return Pop3Reply.Err("USER comes first");
        session.User = null;
        return await session.LoginAsync(name, Password, ct);
    }

    public override string ToString() => "PASS";
}
