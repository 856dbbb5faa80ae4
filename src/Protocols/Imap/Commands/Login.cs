namespace Webmail.Protocols.Imap.Commands;

/// <summary>LOGIN (RFC 3501 section 6.2.3).</summary>
internal sealed record Login(string Name, string Password) : IAnonymousCommand<Login>
{
    public static Verb Verb { get; } = new("LOGIN");

    public static Login Parse(ref ImapReader r)
    {
        r.Space();
        var name = r.AString();
        r.Space();
        var password = r.AString();
        r.End();
        return new(name, password);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, CancellationToken ct)
    {
        if (!session.AllowsPlaintext)
            return Authenticate.NeedsTls;
        return Authenticate.Finish(session, await session.Authenticator.LoginAsync(Name, Password, session.Client, ct));
    }

    public override string ToString() => $"Login {{ {Name} }}";
}
