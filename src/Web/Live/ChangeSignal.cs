namespace Webmail.Web.Live;

/// <summary>Tells one waiting loop that something changed. Any number of calls between two waits count as one; safe from any thread, also after its end.</summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _changed = Fresh();

    public void Set() => Volatile.Read(ref _changed).TrySetResult();

    /// <summary>False: nothing happened within the time. A call of <see cref="Set"/> before the return needs no second wait: the caller reads after it.</summary>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        try
        {
            await _changed.Task.WaitAsync(atMost, ct);
        }
        catch (TimeoutException)
        {
            return false;
        }

        Volatile.Write(ref _changed, Fresh());
        return true;
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
