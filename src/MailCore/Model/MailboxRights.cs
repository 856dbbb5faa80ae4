using System.Text;

namespace Webmail.MailCore.Model;

/// <summary>What someone may do with a mailbox (RFC 4314 section 2.1). The numbers are stored.</summary>
[Flags]
public enum MailboxRights
{
    None = 0,

    /// <summary>l: it is listed.</summary>
    Lookup = 1,

    /// <summary>r: open it, read it, ask for its counters.</summary>
    Read = 2,

    /// <summary>s: keep \Seen. It is each reader's own.</summary>
    KeepSeen = 4,

    /// <summary>w: change flags other than \Seen and \Deleted.</summary>
    Write = 8,

    /// <summary>i: append and copy into it.</summary>
    Insert = 16,

    /// <summary>p: send mail to its address. Mailboxes have none here, so it is kept and means nothing.</summary>
    Post = 32,

    /// <summary>k: make mailboxes below it.</summary>
    CreateMailbox = 64,

    /// <summary>x: delete or rename it.</summary>
    DeleteMailbox = 128,

    /// <summary>t: change \Deleted.</summary>
    DeleteMessages = 256,

    /// <summary>e: expunge.</summary>
    Expunge = 512,

    /// <summary>a: see and change who has which rights.</summary>
    Administer = 1024,

    All = 2047,
}

/// <summary>Rights as letters.</summary>
public static class MailboxRightsText
{
    private const string Letters = "lrswipkxtea";

    // RFC 4314 section 2.1.1: what RFC 2086 had instead.
    private const MailboxRights Create = MailboxRights.CreateMailbox | MailboxRights.DeleteMailbox;
    private const MailboxRights Delete = MailboxRights.DeleteMessages | MailboxRights.Expunge;

    public static bool Has(this MailboxRights rights, MailboxRights all) => (rights & all) == all;

    /// <summary>The flags that these rights let someone set and clear.</summary>
    public static FlagSet Flags(this MailboxRights rights)
    {
        var flags = rights.Has(MailboxRights.Write) ? new FlagSet(long.MaxValue).Without(FlagSet.Seen | FlagSet.Deleted) : FlagSet.None;
        if (rights.Has(MailboxRights.KeepSeen))
            flags |= FlagSet.Seen;
        return rights.Has(MailboxRights.DeleteMessages) ? flags | FlagSet.Deleted : flags;
    }

    /// <summary>Null: a letter that is no right. The obsolete c and d stand for "kx" and "te".</summary>
    public static MailboxRights? TryParse(string letters)
    {
        var rights = MailboxRights.None;
        foreach (var letter in letters)
        {
            if (letter == 'c')
                rights |= Create;
            else if (letter == 'd')
                rights |= Delete;
            else if (Letters.IndexOf(letter, StringComparison.Ordinal) is var bit and >= 0)
                rights |= (MailboxRights)(1 << bit);
            else
                return null;
        }

        return rights;
    }

    /// <summary>"lrs"; with the obsolete c and d, which RFC 4314 asks for in answers, where a member of theirs is there.</summary>
    public static string Text(this MailboxRights rights, bool withObsolete)
    {
        var text = new StringBuilder(Letters.Length + 2);
        for (var bit = 0; bit < Letters.Length; bit++)
        {
            if (((int)rights & (1 << bit)) != 0)
                text.Append(Letters[bit]);
        }

        if (withObsolete && (rights & Create) != MailboxRights.None)
            text.Append('c');
        if (withObsolete && (rights & Delete) != MailboxRights.None)
            text.Append('d');
        return text.ToString();
    }
}
