using Webmail.MailCore.Store;

namespace Webmail.Web.Mail;

/// <summary>What a row shows beside its flags. It never changes for a message, so it is read once while the message is near the screen.</summary>
public sealed record RowFacts(string From, string FromAddress, string To, string Subject, string Preview, bool HasAttachments);

/// <summary>Rows near the screen, at most <see cref="Capacity"/>: the rest is asked for again when it comes near.</summary>
public sealed class RowCache(IMessageStore messages)
{
    private const int Capacity = 400;

    private readonly Dictionary<MessageKey, RowFacts> _rows = [];

    public RowFacts? Find(MessageKey key) => _rows.GetValueOrDefault(key);

    /// <summary>Makes sure that the rows from <paramref name="first"/> on are at hand: one query a mailbox for those that are missing.</summary>
    public async ValueTask LoadAsync(Listing listing, int first, int count, CancellationToken ct)
    {
        var wanted = Enumerable.Range(first, Math.Max(0, Math.Min(count, listing.Count - first))).Select(i => listing[i].Key).ToHashSet();
        if (_rows.Count + wanted.Count > Capacity)
        {
            foreach (var far in _rows.Keys.Where(k => !wanted.Contains(k)).ToList())
                _rows.Remove(far);
        }

        foreach (var box in wanted.Where(k => !_rows.ContainsKey(k)).GroupBy(k => k.Box))
        {
            foreach (var row in await messages.ReadRowsAsync(box.Key, [.. box.Select(k => k.Uid).Order()], ct))
                _rows[new(box.Key, row.Uid)] = RowText.Of(row);
        }
    }
}
