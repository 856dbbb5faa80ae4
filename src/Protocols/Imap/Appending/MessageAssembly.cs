using System.Buffers;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.Fetch;

namespace Webmail.Protocols.Imap.Appending;

/// <summary>
/// Makes the messages of one APPEND or REPLACE ready to be stored. Pieces (RFC 4469) go into a spool one after the other, a buffer at a time. Nothing is
/// stored here: where a message can't be made, <see cref="Refusal"/> says why, and all of the command is undone by doing nothing.
/// </summary>
internal sealed class MessageAssembly(ImapSession session, AccountMail mail, MailboxId target) : IAsyncDisposable
{
    /// <summary>Octets that the URLs of one command may bring in all, where one message may not be larger: they cost the client nothing.</summary>
    private const long MaxOctets = 256 * 1024 * 1024;

    private static readonly Reply TooBig = Reply.No("The resulting message is too big", Code.TooBig);

    private readonly List<MessageSpool> _spools = [];
    private readonly long _largest = session.Settings.Limits.MessageSize is > 0 and var limit ? limit : uint.MaxValue;
    private long _fetched;

    public Reply? Refusal { get; private set; }

    /// <summary>Null: see <see cref="Refusal"/>.</summary>
    public async ValueTask<AppendItem?> ItemAsync(AppendedMessage message, CancellationToken ct)
    {
        var spool = message.Pieces is [{ Text: { } whole }] ? whole.Spool : await CatenateAsync(message.Pieces, ct);
        if (spool is { Length: 0 })
            Refusal ??= Reply.No("A message of no octets can't be kept", Code.Cannot);
        if (spool is null || Refusal is not null)
            return null;
        return new(await spool.CompleteAsync(default, ct), await ImapSession.FlagsAsync(mail, target, message.Flags, ct), message.Received);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var spool in _spools)
            await spool.DisposeAsync();
    }

    private async ValueTask<MessageSpool?> CatenateAsync(IReadOnlyList<MessagePiece> pieces, CancellationToken ct)
    {
        var spool = mail.Blobs.Begin();
        _spools.Add(spool);
        foreach (var (text, url) in pieces)
        {
            if (text is not null && spool.Length + text.Length > _largest)
                Refusal = TooBig;
            else if (text is not null)
                await text.Spool.CopyToAsync(spool, ct);
            else if (await FindAsync(url!, ct) is { } found)
                await CopyAsync(found.Body, found.First, found.Count, spool, ct);
            else
                Refusal = Reply.No("There is no such message, or no such part of it", Code.BadUrl(url!));
            if (Refusal is not null)
                return null;
        }

        return spool;
    }

    /// <summary>What a URL stands for; null: nothing that there is, or nothing that this user may read.</summary>
    private async ValueTask<(MessageBody Body, long First, long Count)?> FindAsync(string url, CancellationToken ct)
    {
        try
        {
            return ImapUrl.Parse(url, session.Settings.Hostname, mail.Principal.Address.ToString()) is { } parsed ? await FindAsync(parsed, ct) : null;
        }
        catch (MailException e) when (e.Error is MailError.NotFound or MailError.NoPermission)
        {
            return null;
        }
    }

    private async ValueTask<(MessageBody Body, long First, long Count)?> FindAsync(ImapUrl parsed, CancellationToken ct)
    {
        var mailbox = parsed.Mailbox is { } name ? (await mail.Mailboxes.FindAsync(name, ct))?.Id : session.Selected?.Id;
        if (mailbox is not { } id)
            return null;
        if (parsed.UidValidity is { } validity && validity != (await mail.Messages.OpenAsync(id, ct)).UidValidity)
            return null;
        if (await mail.Messages.ReadBodiesAsync(id, [parsed.Uid], ct) is not [var message])
            return null;
        if (await MessageSections.ReadAsync(message.Body, parsed.Section, null, ct) is not { } section)
            return null;
        var (first, count) = SectionSpec.Cut(parsed.Partial, section.Length);
        return (section, first, count);
    }

    private async ValueTask CopyAsync(MessageBody body, long first, long count, MessageSpool to, CancellationToken ct)
    {
        _fetched += count;
        if (to.Length + count > _largest)
            Refusal = TooBig;
        else if (_fetched > Math.Max(MaxOctets, _largest))
            Refusal = Reply.No("The URLs of one command bring too much", Code.Limit);
        if (Refusal is not null)
            return;
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (count > 0)
            {
                var n = await body.ReadAsync(first, buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), ct);
                if (n == 0)
                    throw new MailException(MailError.Unavailable, "A part of the message can't be read");
                await to.WriteAsync(buffer.AsMemory(0, n), ct);
                first += n;
                count -= n;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
