namespace Webmail.Web;

/// <summary>
/// Gives memory back when the server has become quiet (ADR 0230). A collector that has all the time in the world never runs: after a thousand logins the heap is
/// mostly garbage, and stays so until there is work again.
/// </summary>
internal sealed class QuietMemory(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var watch = new AllocationWatch();
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (watch.IsWorthIt(GC.GetTotalAllocatedBytes(), GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes))
                GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}

/// <summary>Decides, tick by tick, whether a collection would disturb nobody and gain something.</summary>
internal sealed class AllocationWatch
{
    /// <summary>What a quiet server allocates in a tick, at most: rounds of idling connections, jobs, health checks.</summary>
    internal const long QuietBytes = 512 * 1024;

    /// <summary>What must have been allocated since the last one: less isn't worth the work.</summary>
    internal const long GarbageBytes = 8 * 1024 * 1024;

    /// <summary>A collection of more than this would be felt: some 100 ms.</summary>
    internal const long LargestHeap = 256 * 1024 * 1024;

    internal const int QuietTicks = 2;

    private long _before;
    private long _collectedAt;
    private int _quiet;

    /// <param name="allocated">Bytes allocated since the process began.</param>
    /// <param name="heap">Bytes in the heap after the last collection.</param>
    public bool IsWorthIt(long allocated, long heap)
    {
        _quiet = allocated - _before <= QuietBytes ? _quiet + 1 : 0;
        _before = allocated;
        if (_quiet < QuietTicks || allocated - _collectedAt < GarbageBytes || heap > LargestHeap)
            return false;
        _collectedAt = allocated;
        return true;
    }
}
