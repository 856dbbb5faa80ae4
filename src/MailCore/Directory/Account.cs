using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Directory;

/// <summary>An account as login and delivery see it; a snapshot.</summary>
internal sealed record Account(
    AccountId Id, EmailAddress Address, string DisplayName, string PasswordHash, bool IsAdministrator, bool IsDisabled, long CredentialVersion)
{
    public Principal ToPrincipal(CredentialRow? by = null) =>
        new(Id, Address, IsAdministrator, CredentialVersion) { DisplayName = DisplayName, Credential = by?.CredentialId };

    public static Account From(AccountRow row) => new(
        new(row.AccountId),
        EmailAddress.Parse($"{row.Local}@{row.Domain}"),
        row.DisplayName,
        row.PasswordHash,
        row.IsAdministrator,
        row.IsDisabled,
        row.CredentialVersion);

    public override string ToString() => $"Account {{ {Id} {Address} }}";
}
