namespace Webmail.Load;

/// <summary>Waiting where each client has a thread of its own.</summary>
internal static class Pause
{
    public static void For(TimeSpan time)
    {
        using var never = new ManualResetEventSlim();
        never.Wait(time);
    }
}
