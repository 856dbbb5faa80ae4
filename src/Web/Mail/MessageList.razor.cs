using System.Globalization;
using Microsoft.AspNetCore.Components;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Web.Components;
using Webmail.Web.Live;
using Webmail.Web.Settings;

namespace Webmail.Web.Mail;

/// <summary>The list of messages: draws the window of rows that the browser asked for. The view holds the truth; this holds where one looks.</summary>
public sealed partial class MessageList
{
    private const int FirstScreen = 14;

    private readonly Lifetime _life = new();
    private ElementReference _scroll;
    private int _first;
    private int _count = FirstScreen;
    private DateTimeOffset _now;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [CascadingParameter]
    public Preferences Preferences { get; set; } = Preferences.Default;

    [Parameter, EditorRequired]
    public MailView View { get; set; } = default!;

    /// <summary>The row that the keyboard points at.</summary>
    [Parameter]
    public MessageKey? Cursor { get; set; }

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter, EditorRequired]
    public Func<MessageKey, string> UrlOf { get; set; } = _ => "";

    [Parameter]
    public RenderFragment? Empty { get; set; }

    private bool ShowsFolder => View.Scope is { Everywhere: true, Query.Length: > 0 };

    /// <summary>Draws rows from <paramref name="first"/> on; called as one scrolls.</summary>
    public async Task ShowWindowAsync(int first, int count)
    {
        _first = Math.Clamp(first, 0, Math.Max(0, View.Listing.Count - 1));
        _count = Math.Clamp(count, 1, 200);
        await LoadAsync();
        StateHasChanged();
    }

    /// <summary>Another list: from its top.</summary>
    public Task ResetAsync()
    {
        _first = 0;
        return LoadAsync();
    }

    /// <summary>The same list after a change.</summary>
    public async Task UpdateAsync()
    {
        _first = Math.Clamp(_first, 0, Math.Max(0, View.Listing.Count - 1));
        await LoadAsync();
        StateHasChanged();
    }

    public void Dispose() => _life.Dispose();

    protected override async Task OnInitializedAsync()
    {
        try
        {
            await LoadAsync();
        }
        catch (MailException)
        {
            // The rows stay empty until the page looks again.
        }
    }

    private async Task LoadAsync()
    {
        _now = Preferences.ToLocal(Time.GetUtcNow());
        await View.Rows.LoadAsync(View.Listing, _first, _count, _life.Token);
    }

    private string ClassOf(MessageKey key, in IndexEntry entry)
    {
        var name = entry.Flags.Has(FlagSet.Seen) ? "row" : "row is-unread";
        if (View.Open == key)
            name += " is-open";
        if (Cursor == key)
            name += " is-cursor";
        return View.Selected.Contains(key) ? name + " is-selected" : name;
    }

    private bool ShowsRecipients(MessageKey key) => View.BoxOf(key.Box)?.SpecialUse is SpecialUse.Sent or SpecialUse.Drafts;

    private string FolderOf(MessageKey key) => View.BoxOf(key.Box) is { } box ? FolderNames.Of(box, T) : "";

    private string Subject(RowFacts row) => row.Subject.Length > 0 ? row.Subject : T["(no subject)"];

    private DateTimeOffset Local(in IndexEntry entry) => Preferences.ToLocal(DateTimeOffset.FromUnixTimeSeconds(entry.Received));

    private string ShortDate(in IndexEntry entry) => Amount.Short(Local(entry), _now);

    private string LongDate(in IndexEntry entry) => Amount.Long(Local(entry));

    private static string Iso(in IndexEntry entry) =>
        DateTimeOffset.FromUnixTimeSeconds(entry.Received).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
