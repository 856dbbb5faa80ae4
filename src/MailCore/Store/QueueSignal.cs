namespace Webmail.MailCore.Store;

/// <summary>
/// "There is something to send": set after the commit that queued it, awaited by the queue's runner. A hint only; the runner also polls, so a
/// process that has no runner loses nothing by setting it.
/// </summary>
public sealed class QueueSignal : IDisposable
{
    private readonly SemaphoreSlim _pending = new(0, 1);

    public void Set()
    {
        try
        {
            _pending.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already set: one look at the queue serves both.
        }
    }

    public void Dispose() => _pending.Dispose();

    /// <summary>Returns when set, or after the time given. Resets.</summary>
    internal async ValueTask WaitAsync(TimeSpan atMost, CancellationToken ct) => await _pending.WaitAsync(atMost, ct);
}
