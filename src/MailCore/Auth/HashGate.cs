using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth;

/// <summary>
/// Lets as many password hashes run at once as there are cores, and a bounded number wait: a flood of logins then costs time, not memory
/// (19 MiB each), and leaves the thread pool to everyone else.
/// </summary>
internal sealed class HashGate(TimeProvider time) : IDisposable
{
    private const int MaxWaiting = 512;
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _cores = new(Environment.ProcessorCount);
    private int _waiting;

    /// <param name="work">Runs on a pool thread.</param>
    /// <exception cref="MailException"><see cref="MailError.Unavailable"/>: too many wait</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(MaxWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ct);
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw Busy();
        }

        try
        {
            await _cores.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw Busy();
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            return await Task.Run(work, ct);
        }
        finally
        {
            _cores.Release();
        }
    }

    public void Dispose() => _cores.Dispose();

    private static MailException Busy() => new(MailError.Unavailable, "Too many logins at once; try again in a moment");
}
