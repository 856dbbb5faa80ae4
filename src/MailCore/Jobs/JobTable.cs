using Microsoft.Extensions.DependencyInjection;

namespace Webmail.MailCore.Jobs;

/// <summary>Work in the background. May be cut off at any point and run again; may, at worst, run on two nodes at once.</summary>
internal interface IJob
{
    Task RunAsync(CancellationToken ct);
}

/// <summary>A row of the table of jobs.</summary>
/// <param name="Lock">The second key of its advisory lock; never used again for another job.</param>
internal sealed record JobEntry(string Name, int Lock, TimeSpan Period, Type Job);

/// <summary>All jobs: what runs in the background, and how often. A job is a file in this folder and a line here.</summary>
internal static class JobTable
{
    public static readonly IReadOnlyList<JobEntry> All =
    [
        new("fold-changes", 1, TimeSpan.FromSeconds(30), typeof(FoldChanges)),
        new("purge-expunged", 2, TimeSpan.FromHours(1), typeof(PurgeExpunged)),
        new("purge-logs", 3, TimeSpan.FromHours(6), typeof(PurgeLogs)),
        new("sweep-objects", 4, TimeSpan.FromHours(6), typeof(SweepObjects)),
        new("index-search-text", 5, TimeSpan.FromSeconds(2), typeof(IndexSearchText)),
        new("index-search-pages", 7, TimeSpan.FromSeconds(10), typeof(IndexSearchPages)),
        new("analyze-grown", 6, TimeSpan.FromSeconds(2), typeof(AnalyzeGrown)),
    ];

    public static void AddJobs(this IServiceCollection services)
    {
        foreach (var entry in All)
            services.AddSingleton(entry.Job);
        services.AddHostedService<JobRunner>();
    }
}
