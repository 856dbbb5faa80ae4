using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Outbound;

/// <summary>How long to wait after a failed try (RFC 5321 section 4.5.4.1): doubling, bounded, and spread so that what failed together doesn't come back together.</summary>
internal sealed class RetrySchedule(OutboundSettings settings)
{
    /// <param name="attempts">Tries before this one.</param>
    /// <param name="untilExpiry">The last try is made when the message expires, not after.</param>
    public TimeSpan Wait(int attempts, TimeSpan untilExpiry)
    {
        var doubled = settings.RetryFirst.TotalSeconds * Math.Pow(2, Math.Min(attempts, 30));
        var bounded = Math.Min(doubled, Math.Max(settings.RetryMax.TotalSeconds, settings.RetryFirst.TotalSeconds));
        var spread = bounded * (0.9 + (Random.Shared.NextDouble() * 0.2));
        return TimeSpan.FromSeconds(Math.Max(0.05, Math.Min(spread, Math.Max(untilExpiry.TotalSeconds, 0.05))));
    }
}
