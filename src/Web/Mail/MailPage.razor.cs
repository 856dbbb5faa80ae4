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

    /// <summary>How long the first page, which is plain HTML, waits for the list before it shows the folders without it.</summary>
    private static readonly TimeSpan FirstPage = TimeSpan.FromMilliseconds(500);

    private readonly Lifetime _life = new();
    private readonly ChangeSignal _changed = new();
    private ElementReference _root;
    private MailView? _view;
    private QuotaInfo? _quota;
    private MessageList? _list;
    private MessageKey? _openKey;
    private MessageKey? _cursor;
    private MailException? _failure;
    private BrowserPart? _part;
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
        _life.Dispose();
        if (_part is not null)
            await _part.DisposeAsync();
        _self?.Dispose();
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

        await TryAsync(ct => ShowAsync(_view, version, ct));
    }

    /// <summary>Shows what the URL says, unless another URL came meanwhile.</summary>
    private async Task ShowAsync(MailView view, int version, CancellationToken ct)
    {
        var isOther = await view.ShowAsync(new(Folder, Query ?? "", IsEverywhere, Show is "unread" or "starred" ? Show : null), ct);
        if (version != _placeVersion)
            return;
        _quota ??= await view.Mail.Mailboxes.QuotaAsync(ct);
        _openKey = view.Box is { } box && Number is > 0 and <= uint.MaxValue ? new(box.Id, new((uint)Number)) : null;
        view.Open = _openKey;
        _cursor = _openKey ?? (isOther ? null : _cursor);
        _typed = Query ?? "";
        if (isOther && _list is not null)
        {
            await _list.ResetAsync();
            await CallBrowserAsync("toTop");
        }

        if (_openKey is { } key && RendererInfo.IsInteractive)
            await OpenedAsync(key);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        _self = DotNetObjectReference.Create(this);
        _part = new(Js, "mail");
        await _part.AttachAsync(_root, _self);
        _ = LiveAsync();
    }

    /// <summary>Reads again whenever the feed says so; and at times by itself, which also brings a page back after an outage.</summary>
    private async Task LiveAsync()
    {
        try
        {
            var principal = (await Authentication).User.Required();
            using var watch = Store.For(principal).Changes.WatchAccount(principal, _changed.Set);
            while (true)
            {
                await _changed.WaitAsync(_failure is null ? LookAgain : LookAgainAfterFailure, _life.Token);
                await Task.Delay(Settle, Time, _life.Token);
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
        await TryAsync(async ct =>
        {
            if (_view.Scope is null)
                await ShowAsync(_view, _placeVersion, ct);
            var arrived = await _view.RefreshAsync(ct);
            _quota = await _view.Mail.Mailboxes.QuotaAsync(ct);
            if (_list is not null)
                await _list.UpdateAsync();
            if (arrived > 0)
                await CallBrowserAsync("arrived", arrived);
        });
        _isRefreshing = false;
        StateHasChanged();
    }

    /// <summary>Reads mail; what fails is said on the page, which looks again soon.</summary>
    private async Task TryAsync(Func<CancellationToken, Task> work)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_life.Token);
        if (!RendererInfo.IsInteractive)
            patience.CancelAfter(FirstPage);
        try
        {
            await work(patience.Token);
            _failure = null;
        }
        catch (MailException e)
        {
            _failure = e;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // The page was left; or a large mailbox is still being opened, and the circuit will show it.
        }
    }

    private Task CallBrowserAsync(string method, params object?[] arguments) => _part?.CallAsync(method, arguments) ?? Task.CompletedTask;

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
