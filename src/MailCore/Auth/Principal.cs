using System.Net;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth;

/// <summary>Who acts: the only key to a mailbox store and to the admin services.</summary>
/// <param name="Address">The account's main address, which is its login name.</param>
/// <param name="CredentialVersion">Grows with every change of password, rights or state; an older one is no longer good.</param>
public sealed record Principal(AccountId Account, EmailAddress Address, bool IsAdministrator, long CredentialVersion)
{
    /// <summary>
    /// Whoever may run this program's command line beside its database: an administrator without an account. Only this very object is
    /// recognised, so nobody can make one up.
    /// </summary>
    public static readonly Principal LocalConsole = new(default, EmailAddress.Parse("console@localhost"), IsAdministrator: true, CredentialVersion: 0);

    public string DisplayName { get; init; } = "";
}

/// <summary>What is known of the client that tries to log in, for throttling and the log.</summary>
/// <param name="Protocol">"imap", "pop3", "smtp", "web" …</param>
public sealed record ClientFacts(IPAddress? Address, string Protocol, bool IsEncrypted);

/// <summary>Checks credentials. The one place where a password is compared.</summary>
public interface IAuthenticator
{
    /// <summary>
    /// Null when the name or the password is wrong or the account is disabled: the caller can't tell which, and neither time nor answer does.
    /// A login name without a domain is tried as it stands in no domain: it never matches.
    /// </summary>
    /// <exception cref="MailException"><see cref="MailError.Throttled"/> (too many failures), <see cref="MailError.Unavailable"/></exception>
    ValueTask<Principal?> LoginAsync(string name, string password, ClientFacts client, CancellationToken ct);

    /// <summary>False as soon as the account was removed or disabled or its credentials changed since the principal was made.</summary>
    ValueTask<bool> IsCurrentAsync(Principal principal, CancellationToken ct);
}
