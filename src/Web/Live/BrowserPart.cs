using Microsoft.JSInterop;

namespace Webmail.Web.Live;

/// <summary>
/// A component's part in the browser: what the <c>attach</c> of a script of wwwroot/js makes of an element (app.js holds it), with its methods. The
/// browser may be gone at any moment, or be too slow to answer: that is never an error here, since nobody is left to see one. An exception of the script
/// itself is.
/// </summary>
internal sealed class BrowserPart(IJSRuntime js, string script) : IAsyncDisposable
{
    /// <summary>As long as a circuit without its browser is kept.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private IJSObjectReference? _part;
    private bool _isOver;

    /// <summary>Attaches the script; what was attached before is detached first.</summary>
    public Task AttachAsync(params object?[] arguments) => WhileThereAsync(async ct =>
    {
        await ReleaseAsync(ct);
        _part = await js.InvokeAsync<IJSObjectReference>("parts.attach", ct, [script, .. arguments]);
        if (_isOver)
            await ReleaseAsync(ct);
    });

    /// <summary>Calls a method of the attached part; nothing while there is none.</summary>
    public Task CallAsync(string method, params object?[] arguments) => _part is { } part && !_isOver
        ? WhileThereAsync(ct => part.InvokeVoidAsync("call", ct, [method, .. arguments]).AsTask())
        : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        await WhileThereAsync(ReleaseAsync);
    }

    private async Task ReleaseAsync(CancellationToken ct)
    {
        if (Interlocked.Exchange(ref _part, null) is not { } part)
            return;
        await part.InvokeVoidAsync("call", ct, "dispose");
        await part.DisposeAsync();
    }

    private static async Task WhileThereAsync(Func<CancellationToken, Task> work)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await work(patience.Token);
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // The browser is gone, or did not answer in time.
        }
    }
}
