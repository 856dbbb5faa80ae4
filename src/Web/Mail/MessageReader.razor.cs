using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.Web.Settings;

namespace Webmail.Web.Mail;

/// <summary>Reads the head at once from the row, then attachments and pictures from the message; the browser fetches the body by itself.</summary>
public sealed partial class MessageReader : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private EnvelopeView? _envelope;
    private DateTimeOffset _sentAt;
    private Reading? _reading;
    private ElementReference _frame;
    private IJSObjectReference? _module;
    private IJSObjectReference? _attached;
    private bool _isGone;
    private bool _isOriginal;
    private bool _showsImages;
    private bool? _attachedWithImages;

    [Inject]
    private IJSRuntime Js { get; set; } = default!;

    [CascadingParameter]
    private Preferences Preferences { get; set; } = Preferences.Default;

    [Parameter, EditorRequired]
    public MailView View { get; set; } = default!;

    [Parameter, EditorRequired]
    public MessageKey Key { get; set; }

    [Parameter]
    public FlagSet Flags { get; set; }

    [Parameter, EditorRequired]
    public string BackUrl { get; set; } = "";

    [Parameter]
    public string? OlderUrl { get; set; }

    [Parameter]
    public string? NewerUrl { get; set; }

    [Parameter, EditorRequired]
    public Func<string, string> ComposeUrl { get; set; } = _ => "";

    [Parameter]
    public EventCallback<string> OnAct { get; set; }

    private string Content => $"/content/{Key.Box}/{Key.Uid}";

    private SpecialUse Use => View.BoxOf(Key.Box)?.SpecialUse ?? SpecialUse.None;

    private MailPerson From => _envelope is { From.Count: > 0 } ? _envelope.From[0] : new("", "");

    private string ToLine => string.Join(", ", _envelope!.To.Concat(_envelope.Cc).Take(5).Select(p => p.Short)) is { Length: > 0 } line
        ? line + (_envelope.To.Count + _envelope.Cc.Count > 5 ? ", …" : "")
        : T["undisclosed recipients"];

    private (string Name, IReadOnlyList<MailPerson> People)[] Fields =>
        [(T["From"], _envelope!.From), (T["Reply to"], _envelope.ReplyTo), (T["To"], _envelope.To), (T["Cc"], _envelope.Cc), (T["Bcc"], _envelope.Bcc)];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await DetachAsync();
        try
        {
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone.
        }

        _end.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        try
        {
            var rows = await View.Mail.Messages.ReadRowsAsync(Key.Box, [Key.Uid], _end.Token);
            if (rows.Count == 0)
            {
                _isGone = true;
                return;
            }

            _envelope = EnvelopeView.Read(rows[0].Envelope.Span);
            _sentAt = Preferences.ToLocal(rows[0].SentAt ?? ReceivedAt());
            StateHasChanged();
            _reading = await Reading.ReadAsync(View.Mail, Key, _end.Token);
            _isGone = _reading is null;
        }
        catch (MailException)
        {
            _isGone = true;
        }
        catch (OperationCanceledException)
        {
            // Another message was opened meanwhile.
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_reading is null || _isGone || _attachedWithImages == _showsImages)
            return;
        _attachedWithImages = _showsImages;
        try
        {
            await DetachAsync();
            _module ??= await Js.InvokeAsync<IJSObjectReference>("import", _end.Token, "./js/reader.js");
            _attached = await _module.InvokeAsync<IJSObjectReference>("attach", _end.Token, _frame);
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone.
        }
    }

    private DateTimeOffset ReceivedAt()
    {
        foreach (var box in View.Listing.Boxes)
        {
            if (box.Id == Key.Box && box.Find(Key.Uid) is var position and >= 0)
                return DateTimeOffset.FromUnixTimeSeconds(box[position].Received);
        }

        return DateTimeOffset.UnixEpoch;
    }

    private async Task OriginalAsync()
    {
        _isOriginal = !_isOriginal;
        if (_attached is not null)
            await _attached.InvokeVoidAsync("original", _end.Token, _isOriginal);
    }

    private async Task DetachAsync()
    {
        try
        {
            if (_attached is not null)
            {
                await _attached.InvokeVoidAsync("dispose", CancellationToken.None);
                await _attached.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone.
        }

        _attached = null;
    }
}
