using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webmail.MailCore.Data;

namespace Webmail.MailCore.Jobs;

/// <summary>
/// Runs each job of the table at its period, on one node at a time: an advisory lock of the database is held on a connection of its own while the job
/// runs. Should that connection break, another node may begin: jobs bear that.
/// </summary>
internal sealed partial class JobRunner(IServiceProvider services, NpgsqlDataSource dataSource, TimeProvider time, ILogger<JobRunner> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(JobTable.All.Select(entry => RepeatAsync(entry, (IJob)services.GetRequiredService(entry.Job), stoppingToken)));

    private async Task RepeatAsync(JobEntry entry, IJob job, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(entry.Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
                await RunAsync(entry, job, ct);
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    /// <summary>Once, unless another node is at it. A failure is logged, and the next turn tries again.</summary>
    public async Task RunAsync(JobEntry entry, IJob job, CancellationToken ct)
    {
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(ct);
            if (!await LockAsync(connection, entry, ct))
                return;
            try
            {
                await job.RunAsync(ct);
            }
            finally
            {
                await UnlockAsync(connection, entry);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failed(entry.Name, e);
        }
    }

    private static async Task<bool> LockAsync(NpgsqlConnection connection, JobEntry entry, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({Migrator.LockSpace}, {entry.Lock})", connection);
        return await command.ExecuteScalarAsync(ct) is true;
    }

    private static async Task UnlockAsync(NpgsqlConnection connection, JobEntry entry)
    {
        await using var command = new NpgsqlCommand($"select pg_advisory_unlock({Migrator.LockSpace}, {entry.Lock})", connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    [LoggerMessage(LogLevel.Error, "The job {Job} failed; it will be tried again")]
    private partial void Failed(string job, Exception e);
}
