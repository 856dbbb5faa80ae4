namespace Webmail.MailCore.Store;

/// <summary>How far long work is. The work writes it, another thread may read it meanwhile.</summary>
public sealed class WorkProgress
{
    private long _before;
    private long _done;
    private long _of;

    /// <summary>Null: nothing is known.</summary>
    public (long Done, long Of)? Now => Interlocked.Read(ref _of) is > 0 and var all ? (Math.Min(Interlocked.Read(ref _done), all), all) : null;

    /// <summary>The work has several parts of so many units together: each part counts for itself from now on.</summary>
    public void Expect(long all) => Interlocked.Exchange(ref _of, all);

    /// <param name="done">Units of this part.</param>
    /// <param name="all">Of this part; where there are several, <see cref="Expect"/> has said how many they have together.</param>
    public void Report(long done, long all)
    {
        Interlocked.Exchange(ref _done, _before + done);
        Interlocked.CompareExchange(ref _of, all, 0);
    }

    /// <summary>A part of so many units is done.</summary>
    public void Finish(long units)
    {
        _before += units;
        Interlocked.Exchange(ref _done, _before);
    }
}
