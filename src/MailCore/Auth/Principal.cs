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

    /// <summary>The app password, token or certificate that it logged in with: what is removed ends its sessions. Null: the account's own password.</summary>
    public long? Credential { get; init; }
}
