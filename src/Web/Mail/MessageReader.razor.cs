using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.Web.Live;
using Webmail.Web.Settings;

namespace Webmail.Web.Mail;

/// <summary>Reads the head at once from the row, then attachments and pictures from the message; the browser fetches the body by itself.</summary>
public sealed partial class MessageReader : IAsyncDisposable
{
    private readonly Lifetime _life = new();
    private EnvelopeView? _envelope;
    private DateTimeOffset _sentAt;
    private Reading? _reading;
    private ElementReference _frame;
    private BrowserPart? _part;
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
        [(T["From"], _envelope!.From), (T["Reply to"], _envelope.ReplyTo.SequenceEqual(_envelope.From) ? [] : _envelope.ReplyTo), (T["To"], _envelope.To), (T["Cc"], _envelope.Cc), (T["Bcc"], _envelope.Bcc)];

    public ValueTask DisposeAsync()
    {
        _life.Dispose();
        return _part?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    protected override async Task OnInitializedAsync()
    {
        try
        {
            var rows = await View.Mail.Messages.ReadRowsAsync(Key.Box, [Key.Uid], _life.Token);
            if (rows.Count == 0)
            {
                _isGone = true;
                return;
            }

            _envelope = EnvelopeView.Read(rows[0].Envelope.Span);
            _sentAt = Preferences.ToLocal(rows[0].SentAt ?? ReceivedAt());
            StateHasChanged();
            _reading = await Reading.ReadAsync(View.Mail, Key, _life.Token);
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

    protected override Task OnAfterRenderAsync(bool firstRender)
    {
        if (_reading is null || _isGone || _attachedWithImages == _showsImages)
            return Task.CompletedTask;
        _attachedWithImages = _showsImages;
        _part ??= new(Js, "reader");
        return _part.AttachAsync(_frame);
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

    private Task OriginalAsync()
    {
        _isOriginal = !_isOriginal;
        return _part?.CallAsync("original", _isOriginal) ?? Task.CompletedTask;
    }
}
