using Webmail.MailCore.Model;

namespace Webmail.MailCore.Directory;

/// <summary>
/// What this node remembers of the directory, for at most five seconds: accounts, domains, and where addresses lead. Only positive answers, so a new
/// user works at once wherever it was added. Any change of the directory empties all of it: changes are rare, and an alias may touch any answer.
/// </summary>
internal sealed class DirectoryCache(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    public BoundedCache<string, Account> AccountsByKey { get; } = new(50_000, Lifetime, time);

    public BoundedCache<AccountId, Account> AccountsById { get; } = new(50_000, Lifetime, time);

    /// <summary>App passwords, tokens and certificates that sessions began with.</summary>
    public BoundedCache<long, CredentialRow> Credentials { get; } = new(50_000, Lifetime, time);

    public BoundedCache<string, DomainRow> Domains { get; } = new(10_000, Lifetime, time);

    public BoundedCache<string, Resolution> Resolutions { get; } = new(50_000, Lifetime, time);

    public void Clear()
    {
        AccountsByKey.Clear();
        AccountsById.Clear();
        Credentials.Clear();
        Domains.Clear();
        Resolutions.Clear();
    }
}
