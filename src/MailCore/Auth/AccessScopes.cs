namespace Webmail.MailCore.Auth;

/// <summary>What a credential opens. The numbers are stored.</summary>
[Flags]
public enum AccessScopes : short
{
    None = 0,
    Imap = 1,
    Pop3 = 2,

    /// <summary>Submission, and AUTH on port 25.</summary>
    Smtp = 4,

    /// <summary>The REST API.</summary>
    Api = 8,

    /// <summary>All that a mail program needs.</summary>
    Mail = Imap | Pop3 | Smtp,
}

/// <summary>The kinds of credentials beside the account's own password. The numbers are stored.</summary>
public enum CredentialKind : short
{
    /// <summary>Made by us, for one mail program; a SCRAM verifier.</summary>
    AppPassword = 0,

    /// <summary>Made by us, for OAUTHBEARER, XOAUTH2 and HTTP Bearer; a digest.</summary>
    AccessToken = 1,

    /// <summary>Brought by the user, for EXTERNAL; the SHA-256 digest of a TLS client certificate.</summary>
    ClientCertificate = 2,
}

/// <summary>The scopes' names, as tokens and command lines write them.</summary>
public static class AccessScope
{
    private static readonly (string Name, AccessScopes Scope)[] Names =
        [("imap", AccessScopes.Imap), ("pop3", AccessScopes.Pop3), ("smtp", AccessScopes.Smtp), ("api", AccessScopes.Api)];

    /// <summary>Every name, for help texts.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.Select(n => n.Name)];

    /// <summary>Whether a client of this protocol (<see cref="ClientFacts.Protocol"/>) may come in.</summary>
    public static bool Opens(this AccessScopes scopes, string protocol) => Parse(protocol == "web" ? "api" : protocol) is { } needed && scopes.HasFlag(needed);

    /// <summary>"imap"; null: there is no such scope.</summary>
    public static AccessScopes? Parse(string name)
    {
        foreach (var (known, scope) in Names)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
                return scope;
        }

        return null;
    }

    /// <summary>"imap smtp", as RFC 6749 section 3.3 writes scopes.</summary>
    public static string Text(AccessScopes scopes) => string.Join(' ', Names.Where(n => scopes.HasFlag(n.Scope)).Select(n => n.Name));
}
