using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Directory;

/// <summary>Where a recipient leads. Each account and each outside address at most once, however many aliases lead there.</summary>
/// <param name="Outside">Addresses that the queue must send on to (aliases to outside).</param>
public sealed record Resolution(ResolutionKind Kind, IReadOnlyList<LocalTarget> Local, IReadOnlyList<EmailAddress> Outside)
{
    public static Resolution None(ResolutionKind kind) => new(kind, [], []);
}

/// <param name="AlwaysTake">postmaster@ and abuse@: taken over quota.</param>
public sealed record LocalTarget(AccountId Account, EmailAddress Address, bool AlwaysTake);

public enum ResolutionKind
{
    /// <summary>Local accounts, outside addresses or both.</summary>
    Found,

    /// <summary>Our domain, no such address.</summary>
    UnknownUser,

    /// <summary>The account is there and disabled: refuse for now.</summary>
    Disabled,

    /// <summary>Not our domain, but one that we relay for.</summary>
    RelayDomain,

    /// <summary>Not our domain.</summary>
    NotLocal,
}

/// <summary>Domains, accounts, aliases and catch-alls as mail sees them. Cached; another process's change is seen at once by hint, in 5 s at the latest.</summary>
public interface IDirectory
{
    /// <summary>Follows aliases (to at most 10 levels), sub-addresses (user+tag) and the catch-all. postmaster and abuse exist in every domain, and at the server's own name.</summary>
    ValueTask<Resolution> ResolveAsync(EmailAddress recipient, CancellationToken ct);

    ValueTask<bool> IsLocalDomainAsync(string domain, CancellationToken ct);

    /// <summary>May this principal send as this address: its own, an alias that names it as a target, or a sub-address of these; an administrator also postmaster and abuse.</summary>
    ValueTask<bool> OwnsAsync(Principal principal, EmailAddress address, CancellationToken ct);

    /// <summary>All addresses that the principal may send as, its main address first; sub-addresses, without number, are left out.</summary>
    ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(Principal principal, CancellationToken ct);

    /// <summary>The principal of an enabled account, by its own address, without a password: for what is trusted already (XCLIENT LOGIN, the command line).</summary>
    ValueTask<Principal?> PrincipalAsync(EmailAddress login, CancellationToken ct);

    /// <summary>The private key that signs for a domain, and its selector; null when the domain isn't ours.</summary>
    ValueTask<DkimKey?> DkimKeyAsync(string domain, CancellationToken ct);
}

/// <param name="PrivateKeyPem">PKCS#8, PEM.</param>
public sealed record DkimKey(string Domain, string Selector, string PrivateKeyPem)
{
    public override string ToString() => $"DkimKey {{ {Selector}._domainkey.{Domain} }}";
}
