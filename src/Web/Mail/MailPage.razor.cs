using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Web.Live;
using Webmail.Web.Settings;
using Webmail.Web.SignIn;

namespace Webmail.Web.Mail;

/// <summary>
/// The mail page: the URL says what is shown, the view reads it, the feed says when to read again. Actions are in MailPage.Actions.cs. The browser's
/// part is wwwroot/js/mail.js, which calls the JSInvokable methods here.
/// </summary>
public sealed partial class MailPage : IAsyncDisposable
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookAgainAfterFailure = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _end = new();
    private readonly ChangeSignal _changed = new();
    private ElementReference _root;
    private MailView? _view;
    private QuotaInfo? _quota;
    private MessageList? _list;
    private MessageKey? _openKey;
    private MessageKey? _cursor;
    private MailException? _failure;
    private IDisposable? _watch;
    private IJSObjectReference? _module;
    private IJSObjectReference? _page;
    private DotNetObjectReference<MailPage>? _self;
    private string _typed = "";
    private bool _isWide = true;
    private bool _isRefreshing;
    private int _placeVersion;

    private enum Ask
    {
        Nothing,
        Help,
        Move,
        NewFolder,
        Forever,
    }

    [Inject]
    private IMailStore Store { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IJSRuntime Js { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    [Parameter]
    public string Folder { get; set; } = "inbox";

    [Parameter]
    public long? Number { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    private string? Query { get; set; }

    [SupplyParameterFromQuery(Name = "in")]
    private string? In { get; set; }

    [SupplyParameterFromQuery(Name = "show")]
    private string? Show { get; set; }

    [SupplyParameterFromQuery(Name = "compose")]
    private string? Compose { get; set; }

    [SupplyParameterFromQuery(Name = "of")]
    private string? Of { get; set; }

    [SupplyParameterFromQuery(Name = "w")]
    private string? OpenedWith { get; set; }

    private bool IsEverywhere => In == "all";

    private string ComposeKey => OpenedWith ?? $"{Compose}/{Of}";

    private string ListTitle => Query is { Length: > 0 } ? T["Search"] : _view?.Box is { } box ? FolderNames.Of(box, T) : T["Mail"];

    private string Title => (_view?.Box is { Unseen: > 0 } box ? $"({box.Unseen}) " : "") + ListTitle + " · Webmail";

    private string EmptyTitle => _view!.Box!.SpecialUse switch
    {
        SpecialUse.Trash => T["The trash is empty"],
        SpecialUse.Junk => T["No junk"],
        SpecialUse.Drafts => T["No drafts"],
        SpecialUse.Sent => T["Nothing sent yet"],
        _ => _view.Box.Name.IsInbox ? T["Your inbox is empty"] : T["This folder is empty"],
    };

    private string EmptyText => _view!.Box!.SpecialUse switch
    {
        SpecialUse.Trash => T["What you delete waits here."],
        SpecialUse.Junk => T["Good."],
        SpecialUse.Drafts => T["What you begin to write is kept here by itself."],
        SpecialUse.Sent => T["What you send will be here."],
        _ => _view.Box.Name.IsInbox ? T["New mail appears here by itself."] : T["Move messages here to keep them together."],
    };

    public async ValueTask DisposeAsync()
    {
        _watch?.Dispose();
        await _end.CancelAsync();
        try
        {
            if (_page is not null)
                await _page.InvokeVoidAsync("dispose", CancellationToken.None);
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone.
        }

        _self?.Dispose();
        _end.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        var version = ++_placeVersion;
        if (_view is null)
        {
            if ((await Authentication).User.ToPrincipal() is not { } principal)
                return;
            _view = new(Store.For(principal));
        }

        await TryAsync(async () =>
        {
            var isOther = await _view.ShowAsync(new(Folder, Query ?? "", IsEverywhere, Show is "unread" or "starred" ? Show : null), _end.Token);
            if (version != _placeVersion)
                return;
            _quota ??= await _view.Mail.Mailboxes.QuotaAsync(_end.Token);
            _openKey = _view.Box is { } box && Number is > 0 and <= uint.MaxValue ? new(box.Id, new((uint)Number)) : null;
            _view.Open = _openKey;
            _cursor = _openKey ?? (isOther ? null : _cursor);
            _typed = Query ?? "";
            if (isOther && _list is not null)
            {
                await _list.ResetAsync();
                if (_page is not null)
                    await _page.InvokeVoidAsync("toTop", _end.Token);
            }

            if (_openKey is { } key && RendererInfo.IsInteractive)
                await OpenedAsync(key);
        });
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        _self = DotNetObjectReference.Create(this);
        _module = await Js.InvokeAsync<IJSObjectReference>("import", _end.Token, "./js/mail.js");
        _page = await _module.InvokeAsync<IJSObjectReference>("attach", _end.Token, _root, _self);
        _ = LiveAsync();
    }

    /// <summary>Reads again whenever the feed says so; and at times by itself, which also brings a page back after an outage.</summary>
    private async Task LiveAsync()
    {
        try
        {
            var principal = (await Authentication).User.Required();
            _watch = Store.For(principal).Changes.WatchAccount(principal, _changed.Set);
            while (true)
            {
                await _changed.WaitAsync(_failure is null ? LookAgain : LookAgainAfterFailure, _end.Token);
                await Task.Delay(Settle, Time, _end.Token);
                await InvokeAsync(RefreshAsync);
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        catch (MailException)
        {
            // Nobody is signed in any more: the page is about to leave for the sign-in form.
        }
    }

    private Task RetryAsync() => RefreshAsync();

    private async Task RefreshAsync()
    {
        if (_view is null || _isRefreshing)
        {
            if (_isRefreshing)
                _changed.Set();
            return;
        }

        _isRefreshing = true;
        await TryAsync(async () =>
        {
            if (_view.Scope is null)
                await _view.ShowAsync(new(Folder, Query ?? "", IsEverywhere, Show), _end.Token);
            var arrived = await _view.RefreshAsync(_end.Token);
            _quota = await _view.Mail.Mailboxes.QuotaAsync(_end.Token);
            if (_list is not null)
                await _list.UpdateAsync();
            if (arrived > 0 && _page is not null)
                await _page.InvokeVoidAsync("arrived", _end.Token, arrived);
        });
        _isRefreshing = false;
        StateHasChanged();
    }

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            _failure = null;
        }
        catch (MailException e) when (e.Error is MailError.Unavailable)
        {
            _failure = e;
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The page was left.
        }
    }

    private FlagSet FlagsOf(MessageKey key)
    {
        foreach (var box in _view!.Listing.Boxes)
        {
            if (box.Id == key.Box && box.Find(key.Uid) is var position and >= 0)
                return box[position].Flags;
        }

        return FlagSet.Seen;
    }

    /// <summary>This list with another message open, or none. What is being written stays open.</summary>
    private string Here(MessageKey? open = null, string? query = null, bool? everywhere = null) =>
        new MailAddressing.Place(SlugFor(open), open?.Uid, query ?? Query, everywhere ?? IsEverywhere, query is null ? Show : null, Compose, Of, OpenedWith).ToString();

    private string ComposeAt(MessageKey? open, string kind, string? of = null) =>
        new MailAddressing.Place(SlugFor(open), open?.Uid, Query, IsEverywhere, Show, kind, of).ToString();

    private string SlugFor(MessageKey? key) => key is { } k && _view?.BoxOf(k.Box) is { } box ? MailAddressing.SlugOf(box) : Folder;

    private string UrlOf(MessageKey key) => _view!.BoxOf(key.Box)?.SpecialUse == SpecialUse.Drafts
        ? new MailAddressing.Place(Folder, _openKey?.Uid, Query, IsEverywhere, Show, "draft", key.ToString()).ToString()
        : Here(key);

    private string UrlOfFilter(string? show) => new MailAddressing.Place(Folder, Show: show, Compose: Compose, Of: Of, Window: OpenedWith).ToString();

    private string UrlOfScope(bool everywhere) => Here(everywhere: everywhere);

    private string ComposeUrl(string kind) => ComposeAt(_openKey, kind, _openKey.ToString());

    private string? Neighbour(int step) =>
        _openKey is { } key && _view!.Listing.IndexOf(key) is var at and >= 0 && at + step >= 0 && at + step < _view.Listing.Count
            ? Here(_view.Listing[at + step].Key)
            : null;

    private void SearchAsync() =>
        Navigation.NavigateTo(new MailAddressing.Place(Folder, Query: _typed.Trim(), Everywhere: _typed.Trim().Length > 0).ToString());
}
