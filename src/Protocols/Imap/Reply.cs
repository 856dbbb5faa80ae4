using System.Globalization;
using System.Text;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap;

/// <summary>What becomes of the connection after the tagged line.</summary>
internal enum After
{
    Continue,
    StartTls,
    StartDeflate,
    Close,
}

/// <summary>A response code (RFC 3501 section 7.1, RFC 5530) without its brackets. Made here only, so that it is always well-formed.</summary>
internal readonly record struct Code
{
    private Code(string word) => Word = word;

    public string Word { get; }

    public static readonly Code AlreadyExists = new("ALREADYEXISTS");
    public static readonly Code AuthenticationFailed = new("AUTHENTICATIONFAILED");
    public static readonly Code BadCharset = new("BADCHARSET (US-ASCII UTF-8)");
    public static readonly Code Cannot = new("CANNOT");
    public static readonly Code ClientBug = new("CLIENTBUG");
    public static readonly Code Closed = new("CLOSED");
    public static readonly Code CompressionActive = new("COMPRESSIONACTIVE");
    public static readonly Code ExpungeIssued = new("EXPUNGEISSUED");
    public static readonly Code HasChildren = new("HASCHILDREN");
    public static readonly Code InUse = new("INUSE");
    public static readonly Code Limit = new("LIMIT");
    public static readonly Code MetadataTooMany = new("METADATA TOOMANY");
    public static readonly Code NonExistent = new("NONEXISTENT");
    public static readonly Code NoPerm = new("NOPERM");
    public static readonly Code NotificationOverflow = new("NOTIFICATIONOVERFLOW");
    public static readonly Code OverQuota = new("OVERQUOTA");
    public static readonly Code PrivacyRequired = new("PRIVACYREQUIRED");
    public static readonly Code ReadOnly = new("READ-ONLY");
    public static readonly Code ReadWrite = new("READ-WRITE");
    public static readonly Code ServerBug = new("SERVERBUG");
    public static readonly Code TooBig = new("TOOBIG");
    public static readonly Code TooFew = new("TOOFEW");
    public static readonly Code TooMany = new("TOOMANY");
    public static readonly Code TryCreate = new("TRYCREATE");
    public static readonly Code UidRequired = new("UIDREQUIRED");
    public static readonly Code Unavailable = new("UNAVAILABLE");
    public static readonly Code UnknownCte = new("UNKNOWN-CTE");
    public static readonly Code UseAttr = new("USEATTR");

    /// <summary>OBJECTID (RFC 8474 section 4.2).</summary>
    public static Code MailboxId(MailboxId id) => new($"MAILBOXID ({id})");

    /// <summary>RFC 5465 section 3.1: the events that are known here.</summary>
    public static Code BadEvent(IEnumerable<string> known) => new($"BADEVENT ({string.Join(' ', known)})");

    /// <summary>CATENATE (RFC 4469 section 4). What could end the code or the line is written as URLs write it.</summary>
    public static Code BadUrl(string url)
    {
        var text = new StringBuilder("BADURL \"");
        foreach (var octet in Encoding.UTF8.GetBytes(url.Length > 1_000 ? url[..1_000] : url))
        {
            if (octet is > (byte)' ' and <= (byte)'~' and not ((byte)'"' or (byte)'\\' or (byte)']'))
                text.Append((char)octet);
            else
                text.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return new(text.Append('"').ToString());
    }

    /// <summary>RFC 5464 section 4.2.1: the largest value that was left out.</summary>
    public static Code LongEntries(long octets) => new(string.Create(CultureInfo.InvariantCulture, $"METADATA LONGENTRIES {octets}"));

    /// <summary>RFC 5464 section 4.3.</summary>
    public static Code MaxSize(long octets) => new(string.Create(CultureInfo.InvariantCulture, $"METADATA MAXSIZE {octets}"));

    public static Code Capability(string capabilities) => new("CAPABILITY " + capabilities);

    /// <summary>UIDPLUS (RFC 4315).</summary>
    public static Code AppendUid(uint validity, UidSet uids) => new(string.Create(CultureInfo.InvariantCulture, $"APPENDUID {validity} {uids}"));

    public static Code CopyUid(Transferred moved) =>
        new(string.Create(CultureInfo.InvariantCulture, $"COPYUID {moved.UidValidity} {moved.From} {moved.To}"));

    public static Code HighestModSeq(ModSeq value) => new(string.Create(CultureInfo.InvariantCulture, $"HIGHESTMODSEQ {value}"));

    /// <summary>RFC 7162 section 3.1.3: message numbers, or UIDs after UID STORE.</summary>
    public static Code Modified(UidSet numbers) => new($"MODIFIED {numbers}");
}

internal enum Outcome
{
    Ok,
    No,
    Bad,
}

/// <summary>The tagged answer to a command, and what comes after it. Only the loop writes it.</summary>
internal sealed record Reply(Outcome Outcome, string Text, Code? Code = null, After After = After.Continue)
{
    public static readonly Reply Done = Ok("Done");

    public static Reply Ok(string text, Code? code = null, After after = After.Continue) => new(Outcome.Ok, text, code, after);

    public static Reply No(string text, Code? code = null) => new(Outcome.No, text, code);

    public static Reply Bad(string text, Code? code = null) => new(Outcome.Bad, text, code);

    public void Write(ImapWriter writer, string tag)
    {
        writer.Constant(tag);
        writer.Raw(Outcome switch { Outcome.Ok => " OK "u8, Outcome.No => " NO "u8, _ => " BAD "u8 });
        if (Code is { } code)
            writer.Line($"[{code}] {new Text(Text)}");
        else
            writer.Line($"{new Text(Text)}");
    }
}
