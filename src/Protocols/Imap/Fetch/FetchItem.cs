using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Fetch;

/// <summary>What must be at hand before an item can be written. Each includes those before it only in cost, not in content.</summary>
[Flags]
internal enum FetchNeeds
{
    /// <summary>The index in memory is enough.</summary>
    Index = 0,

    /// <summary>The message's row: envelope and structure.</summary>
    Row = 1,

    /// <summary>The message's octets.</summary>
    Body = 2,

    /// <summary>The octets of the message's header, which a body holds too.</summary>
    Header = 4,
}

/// <summary>One thing that FETCH was asked for.</summary>
internal abstract class FetchItem
{
    public virtual FetchNeeds Needs => FetchNeeds.Index;

    /// <summary>Reading it is reading the message: \Seen is set (RFC 3501 section 6.4.5).</summary>
    public virtual bool SetsSeen => false;

    /// <summary>Called before anything of a message is written. False: it can't be told, because a part's transfer encoding is unknown (RFC 3516 section 4.3).</summary>
    public virtual ValueTask<bool> PrepareAsync(FetchMessage message, CancellationToken ct) => new(true);

    /// <summary>Writes the item's name and value.</summary>
    public abstract void Write(FetchMessage message, ImapWriter writer);

    /// <summary>Same, for items that may have to read a large message in pieces.</summary>
    public virtual ValueTask WriteAsync(FetchMessage message, ImapWriter writer, CancellationToken ct)
    {
        Write(message, writer);
        return ValueTask.CompletedTask;
    }
}

/// <summary>The message that is written now. One object serves a whole FETCH.</summary>
internal sealed class FetchMessage(KeywordTable keywords)
{
    private MimePartTree? _parts;

    public KeywordTable Keywords { get; set; } = keywords;

    public IndexEntry Entry { get; private set; }

    public bool IsRecent { get; private set; }

    public MessageRow? Row { get; private set; }

    public MessageBody? Body { get; private set; }

    /// <summary>The header alone, where no item asks for the body.</summary>
    public MessageBody? Header { get; private set; }

    public void Set(in IndexEntry entry, bool isRecent, MessageRow? row = null, MessageBody? body = null, MessageBody? header = null)
    {
        Entry = entry;
        IsRecent = isRecent;
        Row = row;
        Body = body;
        Header = header;
        _parts = null;
    }

    /// <summary>The message's parts, read once for all sections that ask for them.</summary>
    public async ValueTask<MimePartTree> PartsAsync(CancellationToken ct) => _parts ??= await MimePartTree.ReadAsync(Body!, ct);
}
