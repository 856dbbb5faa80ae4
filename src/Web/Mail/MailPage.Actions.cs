using Microsoft.JSInterop;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Web.Mail;

/// <summary>What one does with messages: by click (mail.js tells which row), by key, or from the bars.</summary>
public sealed partial class MailPage
{
    private static readonly TimeSpan ToastTime = TimeSpan.FromSeconds(8);

    private Ask _asks;
    private IReadOnlyList<MessageKey> _asked = [];
    private Toast? _toast;

    /// <summary>What was done, and what takes it back: sets that were moved, with where they are now.</summary>
    private sealed record Toast(string Text, IReadOnlyList<(MailboxId Now, UidSet Uids, MailboxId Before)>? Undo);

    [JSInvokable]
    public Task Window(int first, int count) => _list?.ShowWindowAsync(first, count) ?? Task.CompletedTask;

    [JSInvokable]
    public void Wide(bool isWide) => _isWide = isWide;

    /// <summary>A control of a row was used.</summary>
    [JSInvokable]
    public async Task Do(string act, string key, int index, bool isRange)
    {
        if (_view is null || index < 0 || index >= _view.Listing.Count || KeyAt(key, index) is not { } at)
            return;
        if (act == "pick")
            Pick(at, isRange);
        else
            await RunAsync(act, [at]);
        StateHasChanged();
    }

    /// <summary>A key was pressed outside any field.</summary>
    [JSInvokable]
    public async Task Key(string name)
    {
        if (_view is null || _asks != Ask.Nothing)
            return;
        switch (name)
        {
            case "next":
            case "previous":
                await StepAsync(name == "next" ? 1 : -1);
                break;
            case "open" when _cursor is { } cursor:
                Navigation.NavigateTo(UrlOf(cursor));
                break;
            case "list" when _openKey is not null:
                Navigation.NavigateTo(Here());
                break;
            case "compose":
                Navigation.NavigateTo(ComposeAt(_openKey, "new"));
                break;
            case "reply" or "reply-all" or "forward" when (_openKey ?? _cursor) is { } about:
                Navigation.NavigateTo(ComposeAt(about, name, about.ToString()));
                break;
            case "pick" when (_cursor ?? _openKey) is { } cursor:
                Pick(cursor, isRange: false);
                break;
            case "help":
                _asks = Ask.Help;
                break;
            case "undo":
                await UndoAsync();
                break;
            case "go-inbox" or "go-drafts" or "go-sent" or "go-archive" or "go-trash" or "go-junk":
                Navigation.NavigateTo("/mail/" + name[3..]);
                break;
            default:
                await ActOnAsync(name);
                break;
        }

        StateHasChanged();
    }

    private Task ActOnAsync(string act) => act switch
    {
        "unpick" => Unpick(),
        "newer" => StepAsync(-1),
        "older" => StepAsync(1),
        _ => RunAsync(act, _view!.Targets(_cursor)),
    };

    private async Task RunAsync(string act, IReadOnlyList<MessageKey> keys)
    {
        if (keys.Count == 0)
            return;
        await ChangeAsync(() => act switch
        {
            "star" => FlagAsync(keys, FlagSet.Flagged, !keys.All(k => FlagsOf(k).Has(FlagSet.Flagged))),
            "read" => FlagAsync(keys, FlagSet.Seen, !keys.All(k => FlagsOf(k).Has(FlagSet.Seen))),
            "seen" => FlagAsync(keys, FlagSet.Seen, on: true),
            "unseen" => UnreadAsync(keys),
            "archive" => MoveAsync(keys, SpecialUse.Archive, n => T["{0} archived", n]),
            "junk" => MoveAsync(keys, SpecialUse.Junk, n => T["{0} moved to Junk", n]),
            "not-junk" => MoveAsync(keys, _view!.Boxes.First(b => b.Name.IsInbox), n => T["{0} moved to the inbox", n]),
            "delete" => DeleteAsync(keys),
            "move" => AskWhereAsync(keys),
            _ => Task.CompletedTask,
        });
    }

    /// <summary>Changes mail, to its end whether or not the page is left meanwhile. What fails is said.</summary>
    private async Task ChangeAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (MailException e)
        {
            Say(e.Error == MailError.OverQuota ? T["Your mailbox is full."] : T["That did not work. Try again in a moment."], undo: null);
        }
    }

    private Task AskWhereAsync(IReadOnlyList<MessageKey> keys)
    {
        (_asked, _asks) = (keys, Ask.Move);
        return Task.CompletedTask;
    }

    private async Task FlagAsync(IReadOnlyList<MessageKey> keys, FlagSet flag, bool on)
    {
        foreach (var box in keys.GroupBy(k => k.Box))
        {
            var change = new FlagChange(on ? FlagOperation.Add : FlagOperation.Remove, flag);
            await _view!.Mail.Messages.ChangeFlagsAsync(box.Key, UidSet.From(box.Select(k => k.Uid)), change, unchangedSince: null, CancellationToken.None);
        }

        await RefreshAsync();
    }

    private async Task UnreadAsync(IReadOnlyList<MessageKey> keys)
    {
        await FlagAsync(keys, FlagSet.Seen, on: false);
        if (_openKey is { } open && keys.Contains(open))
            Navigation.NavigateTo(Here());
    }

    private async Task OpenedAsync(MessageKey key)
    {
        if (FlagsOf(key).Has(FlagSet.Seen))
            return;
        var read = new FlagChange(FlagOperation.Add, FlagSet.Seen);
        await _view!.Mail.Messages.ChangeFlagsAsync(key.Box, UidSet.Of(key.Uid), read, unchangedSince: null, CancellationToken.None);
        _changed.Set();
    }

    private Task DeleteAsync(IReadOnlyList<MessageKey> keys)
    {
        if (_view!.BoxOf(SpecialUse.Trash) is { } trash && keys.Any(k => k.Box != trash.Id))
            return MoveAsync([.. keys.Where(k => k.Box != trash.Id)], trash, n => T["{0} moved to the trash", n]);
        (_asked, _asks) = (keys, Ask.Forever);
        return Task.CompletedTask;
    }

    private async Task RemoveForeverAsync()
    {
        var keys = _asked;
        CloseAsk();
        await ChangeAsync(async () =>
        {
            var next = NextAfter(keys);
            foreach (var box in keys.GroupBy(k => k.Box))
                await _view!.Mail.Messages.RemoveAsync(box.Key, UidSet.From(box.Select(k => k.Uid)), CancellationToken.None);
            await LeaveAsync(keys, next);
            Say(T["{0} deleted for good", keys.Count], undo: null);
        });
    }

    private Task MoveAsync(IReadOnlyList<MessageKey> keys, SpecialUse use, Func<int, string> words) =>
        _view!.BoxOf(use) is { } target ? MoveAsync(keys, target, words) : Task.CompletedTask;

    private async Task MoveAsync(IReadOnlyList<MessageKey> keys, MailboxInfo target, Func<int, string> words)
    {
        var moving = keys.Where(k => k.Box != target.Id).ToList();
        if (moving.Count == 0)
            return;
        var next = NextAfter(moving);
        var undo = new List<(MailboxId, UidSet, MailboxId)>();
        var count = 0L;
        foreach (var box in moving.GroupBy(k => k.Box))
        {
            var moved = await _view!.Mail.Messages.MoveAsync(box.Key, UidSet.From(box.Select(k => k.Uid)), target.Id, CancellationToken.None);
            if (moved.To.IsEmpty)
                continue;
            undo.Add((target.Id, moved.To, box.Key));
            count += moved.To.Count;
        }

        await LeaveAsync(moving, next);
        Say(words((int)count), undo);
    }

    private async Task MoveToAsync(MailboxInfo target)
    {
        var keys = _asked;
        CloseAsk();
        var name = FolderNames.Of(target, T);
        await ChangeAsync(() => MoveAsync(keys, target, n => T["{0} moved to {1}", n, name]));
    }

    private async Task UndoAsync()
    {
        if (_toast?.Undo is not { } undo)
            return;
        _toast = null;
        await ChangeAsync(async () =>
        {
            foreach (var (now, uids, before) in undo)
                await _view!.Mail.Messages.MoveAsync(now, uids, before, CancellationToken.None);
        });
        await RefreshAsync();
    }

    /// <summary>The message to show when these are gone: the next older one that stays, where there is room beside the list.</summary>
    private MessageKey? NextAfter(IReadOnlyList<MessageKey> going)
    {
        if (!_isWide || _openKey is not { } open || !going.Contains(open) || _view!.Listing.IndexOf(open) is not (var at and >= 0))
            return null;
        for (var i = at + 1; i < Math.Min(_view.Listing.Count, at + 1 + going.Count); i++)
        {
            if (!going.Contains(_view.Listing[i].Key))
                return _view.Listing[i].Key;
        }

        return null;
    }

    private async Task LeaveAsync(IReadOnlyList<MessageKey> gone, MessageKey? next)
    {
        _view!.Selected.ExceptWith(gone);
        if (_cursor is { } cursor && gone.Contains(cursor))
            _cursor = next;
        await RefreshAsync();
        if (_openKey is { } open && gone.Contains(open))
            Navigation.NavigateTo(Here(next), replace: true);
    }

    private async Task StepAsync(int step)
    {
        var listing = _view!.Listing;
        if (listing.Count == 0)
            return;
        var at = (_cursor ?? _openKey) is { } cursor ? listing.IndexOf(cursor) : -1;
        var to = Math.Clamp(at < 0 ? 0 : at + step, 0, listing.Count - 1);
        _cursor = listing[to].Key;
        await CallBrowserAsync("reveal", to);
        if (_openKey is not null && _view.BoxOf(_cursor.Value.Box)?.SpecialUse != SpecialUse.Drafts)
            Navigation.NavigateTo(UrlOf(_cursor.Value), replace: true);
    }

    private void Pick(MessageKey key, bool isRange)
    {
        var selected = _view!.Selected;
        var to = _view.Listing.IndexOf(key);
        if (isRange && _cursor is { } from && _view.Listing.IndexOf(from) is var start and >= 0 && to >= 0)
        {
            for (var i = Math.Min(start, to); i <= Math.Max(start, to); i++)
                selected.Add(_view.Listing[i].Key);
        }
        else if (!selected.Remove(key))
        {
            selected.Add(key);
        }

        _cursor = key;
    }

    private void SelectAll()
    {
        var all = _view!.Selected.Count < _view.Listing.Count;
        _view.Selected.Clear();
        for (var i = 0; all && i < _view.Listing.Count; i++)
            _view.Selected.Add(_view.Listing[i].Key);
    }

    private Task Unpick()
    {
        _view!.Selected.Clear();
        return Task.CompletedTask;
    }

    private void CloseAsk() => (_asks, _asked) = (Ask.Nothing, _asks == Ask.Nothing ? _asked : []);

    private async Task FolderMadeAsync(MailboxInfo made)
    {
        CloseAsk();
        await RefreshAsync();
        Navigation.NavigateTo("/mail/" + MailAddressing.SlugOf(made));
    }

    private MessageKey? KeyAt(string key, int index)
    {
        var at = _view!.Listing[index].Key;
        if (at.ToString().Equals(key, StringComparison.Ordinal))
            return at;
        // The list moved between the click and its arrival: find the row by its name.
        return MessageKey.TrySplit(key, out var box, out var uid) && _view.Boxes.FirstOrDefault(b => b.Id.ToString().Equals(box, StringComparison.Ordinal)) is { } info
            ? new MessageKey(info.Id, uid)
            : null;
    }

    private void Say(string text, IReadOnlyList<(MailboxId Now, UidSet Uids, MailboxId Before)>? undo)
    {
        var toast = new Toast(text, undo);
        _toast = toast;
        StateHasChanged();
        _ = FadeAsync(toast);
    }

    private async Task FadeAsync(Toast toast)
    {
        try
        {
            await Task.Delay(ToastTime, Time, _life.Token);
            if (ReferenceEquals(_toast, toast))
                _toast = null;
            await InvokeAsync(StateHasChanged);
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }
}
