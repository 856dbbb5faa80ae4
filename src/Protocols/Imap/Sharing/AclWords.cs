using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Sharing;

/// <summary>What the commands of RFC 4314 are written with.</summary>
internal static class AclWords
{
    /// <summary>As the client writes it.</summary>
    /// <exception cref="SyntaxException">Nothing is left of it (RFC 4314 section 3).</exception>
    public static string Identifier(ref ImapReader r)
    {
        var identifier = r.AString();
        return identifier.Trim().Length > 0 ? identifier : throw new SyntaxException("An identifier can't be empty");
    }

    /// <exception cref="MailException">Invalid: it is neither "anyone" nor an address; whether it is an account's address is the store's to say.</exception>
    public static AclIdentifier Known(string identifier) =>
        AclIdentifier.TryParse(identifier) ?? throw new MailException(MailError.Invalid, "There is no account of this name");

    /// <exception cref="SyntaxException">A letter is no right (RFC 4314 section 3.1).</exception>
    public static MailboxRights Rights(string letters) =>
        MailboxRightsText.TryParse(letters) ?? throw new SyntaxException("There is no such right");
}
