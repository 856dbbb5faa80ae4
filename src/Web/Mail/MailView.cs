using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Search;

namespace Webmail.Web.Mail;

/// <summary>What the list is about: a folder or all of them, narrowed by a search or a filter. Two equal scopes show the same list.</summary>
public sealed record Scope(string Folder, string Query, bool Everywhere, string? Show);

/// <summary>
/// One tab's view of its mail: folders with counters, the listing of the scope, rows near what is on the screen, and the selection. Used by one
/// circuit's thread only. The truth is in the store: after any change, own or not, <see cref="RefreshAsync"/> reads what moved.
/// </summary>
public sealed class MailView(AccountMail mail)
{
    private Scope? _scope;
    private UidSet? _found; // of a search in one folder: kept until the search is asked again

    public AccountMail Mail { get; } = mail;

    public IReadOnlyList<MailboxInfo> Boxes { get; private set; } = [];

    /// <summary>The folder in the URL; null when there is none of that name.</summary>
    public MailboxInfo? Box { get; private set; }

    public Listing Listing { get; private set; } = Listing.Empty;

    /// <summary>False until a listing was read: an empty one says nothing before.</summary>
    public bool IsListed { get; private set; }

    public RowCache Rows { get; } = new(mail.Messages);

    public HashSet<MessageKey> Selected { get; } = [];

    /// <summary>The message being read: a filter keeps it in the list although it is read by now.</summary>
    public MessageKey? Open { get; set; }

    public Scope? Scope => _scope;

    public MailboxInfo? BoxOf(SpecialUse use) => Boxes.FirstOrDefault(b => b.SpecialUse == use);

    public MailboxInfo? BoxOf(MailboxId id) => Boxes.FirstOrDefault(b => b.Id == id);

    /// <summary>Shows a scope; returns whether the list is another one than before.</summary>
    public async ValueTask<bool> ShowAsync(Scope scope, CancellationToken ct)
    {
        if (Boxes.Count == 0)
            Boxes = await Mail.Mailboxes.ListAsync(ct);
        Box = MailAddressing.Find(Boxes, scope.Folder);
        var isSame = _scope is { } old && (scope.Everywhere && old.Everywhere ? old with { Folder = scope.Folder } : old) == scope;
        _scope = scope;
        if (isSame)
            return false;
        Selected.Clear();
        _found = null;
        await ListAsync(ct);
        return true;
    }

    /// <summary>Reads the counters and the list anew. Returns the messages of the shown folder that arrived since the last time.</summary>
    public async ValueTask<int> RefreshAsync(CancellationToken ct)
    {
        var before = Listing.Boxes.Count == 1 ? Listing.Boxes[0] : null;
        Boxes = await Mail.Mailboxes.ListAsync(ct);
        if (_scope is null)
            return 0;
        Box = MailAddressing.Find(Boxes, _scope.Folder);
        _found = null;
        await ListAsync(ct);
        Selected.RemoveWhere(k => Listing.IndexOf(k) < 0);
        return before is not null && Listing.Boxes.Count == 1 && Listing.Boxes[0] is { } now && now.Id == before.Id && now.UidValidity == before.UidValidity
            ? (int)Math.Min(int.MaxValue, now.Since(before).Arrived.Count)
            : 0;
    }

    /// <summary>The messages that an action is about: the selection, or else the open message, or else the one under the cursor.</summary>
    public IReadOnlyList<MessageKey> Targets(MessageKey? cursor) =>
        Selected.Count > 0 ? [.. Selected] : (Open ?? cursor) is { } one ? [one] : [];

    private async ValueTask ListAsync(CancellationToken ct)
    {
        var scope = _scope!;
        if (scope.Everywhere && scope.Query.Length > 0)
            Listing = await SearchEverywhereAsync(SearchText.Parse(scope.Query), ct);
        else if (Box is null)
            Listing = Listing.Empty;
        else
            Listing = await OneBoxAsync(Box, scope, ct);
        IsListed = true;
    }

    private async ValueTask<Listing> OneBoxAsync(MailboxInfo box, Scope scope, CancellationToken ct)
    {
        var snapshot = await Mail.Messages.OpenAsync(box.Id, ct);
        if (scope.Query.Length > 0)
        {
            _found ??= await Mail.Messages.SearchAsync(snapshot, Narrowed(scope), ct);
            return Listing.Of([(snapshot, _found)]);
        }

        var open = Open is { } key && key.Box == box.Id ? key.Uid : default;
        return scope.Show switch
        {
            "unread" => Listing.Of(snapshot, e => !e.Flags.Has(FlagSet.Seen) || e.Uid == open),
            "starred" => Listing.Of(snapshot, e => e.Flags.Has(FlagSet.Flagged) || e.Uid == open),
            _ => Listing.Of(snapshot),
        };
    }

    private static SearchQuery Narrowed(Scope scope) => scope.Show switch
    {
        "unread" => new AndQuery([SearchText.Parse(scope.Query), new NotQuery(new HasFlags(FlagSet.Seen))]),
        "starred" => new AndQuery([SearchText.Parse(scope.Query), new HasFlags(FlagSet.Flagged)]),
        _ => SearchText.Parse(scope.Query),
    };

    private async ValueTask<Listing> SearchEverywhereAsync(SearchQuery query, CancellationToken ct)
    {
        var parts = new List<(MailboxSnapshot, UidSet)>();
        foreach (var box in Boxes.Where(b => b.Messages > 0 && b.SpecialUse is not (SpecialUse.Trash or SpecialUse.Junk)))
        {
            var snapshot = await Mail.Messages.OpenAsync(box.Id, ct);
            parts.Add((snapshot, await Mail.Messages.SearchAsync(snapshot, query, ct)));
        }

        return Listing.Of(parts);
    }
}
