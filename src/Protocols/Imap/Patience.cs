using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap;

/// <summary>INPROGRESS (RFC 9585): a client whose command takes long hears now and then that it goes on. Quick ones say nothing and cost nothing.</summary>
internal static class Patience
{
    /// <summary>So long somebody who has closed their half still gets answers: a script that has said all it wants, and a client that is gone, look alike.</summary>
    private static readonly TimeSpan AfterTheEnd = TimeSpan.FromSeconds(5);

    /// <summary>Waits for the store. Nothing else may be written meanwhile: between two lines only.</summary>
    /// <param name="isReading">The work changes nothing: it ends when the client is gone.</param>
    /// <exception cref="OperationCanceledException">The client is gone: the work was cancelled, and has ended.</exception>
    public static async ValueTask<T> WaitAsync<T>(
        this ImapSession session, Func<WorkProgress, CancellationToken, ValueTask<T>> work, CancellationToken ct, bool isReading = false)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var ended = (isReading ? session.Wire.Connection.Ended : default).UnsafeRegister(
            static source => ((CancellationTokenSource)source!).CancelAfter(AfterTheEnd), cancel);
        var progress = new WorkProgress();
        var working = work(progress, cancel.Token);
        if (working.IsCompleted || session.Settings.Limits.ImapProgressSeconds <= 0 || session.Rules.Off?.Capabilities.Contains("INPROGRESS") == true)
            return await working;
        var task = working.AsTask();
        try
        {
            while (true)
            {
                try
                {
                    return await task.WaitAsync(TimeSpan.FromSeconds(session.Settings.Limits.ImapProgressSeconds), session.Time, CancellationToken.None);
                }
                catch (TimeoutException) when (!task.IsCompleted)
                {
                    Write(session, progress);
                    await session.Out.FlushAsync(ct);
                }
            }
        }
        catch when (!task.IsCompleted)
        {
            await cancel.CancelAsync();
            await task.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }

    private static void Write(ImapSession session, WorkProgress progress)
    {
        if (progress.Now is var (done, all))
            session.Out.Line($"* OK [INPROGRESS ({new Quoted(session.Tag)} {done} {all})] Still working");
        else
            session.Out.Line($"* OK [INPROGRESS ({new Quoted(session.Tag)} NIL NIL)] Still working");
    }
}
