using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Webmail.Web.Live;

namespace Webmail.Web.Mail;

/// <summary>Draws the compose window once and hands it to compose.js.</summary>
public sealed partial class ComposeWindow : IAsyncDisposable
{
    private readonly string _id = Guid.NewGuid().ToString("n")[..6];
    private ElementReference _root;
    private BrowserPart? _part;
    private string _words = "{}";

    /// <summary>"new", "draft", "reply", "reply-all" or "forward".</summary>
    [Parameter, EditorRequired]
    public string Kind { get; set; } = "new";

    /// <summary>The message that it is about, or a mailto: address for a new one.</summary>
    [Parameter]
    public string? Of { get; set; }

    /// <summary>What the URL calls this window while its draft's key changes.</summary>
    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    private (string Act, string Icon, string Name)[] Formats =>
    [
        ("bold", "bold", T["Bold"]), ("italic", "italic", T["Italic"]), ("underline", "underline", T["Underline"]), ("list", "list", T["List"]),
        ("numbers", "numbers", T["Numbered list"]), ("quote", "quote", T["Quote"]), ("link", "link", T["Link"]), ("clear", "clear", T["Clear formatting"]),
    ];

    /// <summary>The draft stays where it was last saved.</summary>
    public ValueTask DisposeAsync() => _part?.DisposeAsync() ?? ValueTask.CompletedTask;

    protected override void OnInitialized() => _words = JsonSerializer.Serialize(new Dictionary<string, string>
    {
        ["saved"] = T["Draft saved"],
        ["saving"] = T["Saving…"],
        ["unsaved"] = T["Not saved yet: offline. It is kept in this browser."],
        ["sending"] = T["Sending…"],
        ["sent"] = T["Sent"],
        ["nobody"] = T["To whom? Add at least one recipient."],
        ["bad"] = T["This is not an address: "],
        ["failed"] = T["That did not work. Your draft is safe; try again."],
        ["remove"] = T["Remove"],
        ["discarded"] = T["Draft discarded"],
        ["nosubject"] = T["Send without a subject?"],
        ["large"] = T["This file is too large."],
        ["link"] = T["Address of the link"],
        ["gone"] = T["This draft was sent or deleted elsewhere."],
        ["uploading"] = T["Wait until the files are there."],
        ["reply"] = T["Reply"],
        ["reply-all"] = T["Reply all"],
        ["forward"] = T["Forward"],
        ["draft"] = T["Draft"],
        ["new"] = T["New message"],
        ["signedout"] = T["You were signed out. Sign in again in another tab; your text stays here."],
    });

    protected override Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return Task.CompletedTask;
        _part = new(Js, "compose");
        return _part.AttachAsync(_root);
    }

    /// <summary>Drawn once: what stands in the fields is the browser's from then on.</summary>
    protected override bool ShouldRender() => false;
}
