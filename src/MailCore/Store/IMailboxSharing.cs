using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store;

/// <summary>Who has rights in a mailbox's list (RFC 4314 section 2): an account by its address, or anyone. "-" before it: rights that are taken away.</summary>
/// <param name="Account">Null: anyone.</param>
public sealed record AclIdentifier(EmailAddress? Account, bool IsNegative)
{
    private const string Anyone = "anyone";

    /// <summary>Null: it is neither "anyone" nor an address.</summary>
    public static AclIdentifier? TryParse(string text)
    {
        var negative = text.StartsWith('-');
        var name = negative ? text[1..] : text;
        if (name.Equals(Anyone, StringComparison.OrdinalIgnoreCase))
            return new(null, negative);
        return EmailAddress.TryParse(name) is { } address ? new(address, negative) : null;
    }

    public override string ToString() => (IsNegative ? "-" : "") + (Account?.ToString() ?? Anyone);
}

/// <summary>One line of a mailbox's list.</summary>
public sealed record AclEntry(AclIdentifier Who, MailboxRights Rights);

/// <summary>SETACL's three forms (RFC 4314 section 3.1).</summary>
public enum AclOperation
{
    Replace = 0,
    Add = 1,
    Remove = 2,
}

/// <summary>
/// Who else may do what with mailboxes (RFC 4314). The owner has all rights, always. Others have what the list gives them and anyone, less what it takes
/// from them and anyone. Kept by account, so that an account with a new address keeps its rights.
/// </summary>
public interface IMailboxSharing
{
    /// <summary>The mailbox's list, the owner first.</summary>
    /// <exception cref="MailException">NotFound; NoPermission: needs <see cref="MailboxRights.Administer"/></exception>
    ValueTask<IReadOnlyList<AclEntry>> ListAsync(MailboxName mailbox, CancellationToken ct);

    /// <summary>Without rights the entry goes; that there was none is no error.</summary>
    /// <exception cref="MailException">NotFound; NoPermission; Invalid: no such account, or rights of the owner's would go; LimitReached</exception>
    ValueTask SetAsync(MailboxName mailbox, AclIdentifier who, AclOperation operation, MailboxRights rights, CancellationToken ct);

    /// <summary>What someone always has (<see cref="MailboxRights.All"/>: the owner, <see cref="MailboxRights.None"/>: everybody else); the rest can be given.</summary>
    /// <exception cref="MailException">NotFound; NoPermission; Invalid: no such account</exception>
    ValueTask<MailboxRights> AlwaysAsync(MailboxName mailbox, AclIdentifier who, CancellationToken ct);
}
