using Microsoft.Extensions.Hosting;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth;

/// <summary>
/// Whether anybody here has an app password, as far as this node knows: then SCRAM is offered (docs/adr/0140). Asked at each greeting, so it answers at
/// once and reads again behind the back: after a change of the directory, and after five seconds for hints that were lost.
/// </summary>
internal sealed class AppPasswordPresence(CredentialLookup credentials, DirectoryCache cache, TimeProvider time) : IHostedService
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private volatile bool _any;
    private long _generation = -1;
    private long _readAt;
    private int _reading;

    public bool Any
    {
        get
        {
            if (Volatile.Read(ref _generation) != cache.Credentials.Generation || time.GetElapsedTime(Volatile.Read(ref _readAt)) > Lifetime)
                _ = ReadAsync(CancellationToken.None);
            return _any;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => ReadAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Somebody got one, by this process.</summary>
    public void Appeared() => _any = true;

    private async Task ReadAsync(CancellationToken ct)
    {
        if (Interlocked.Exchange(ref _reading, 1) == 1)
            return;
        try
        {
            var generation = cache.Credentials.Generation;
            _any = await credentials.HasAppPasswordsAsync(ct);
            Volatile.Write(ref _generation, generation);
            Volatile.Write(ref _readAt, time.GetTimestamp());
        }
        catch (Exception e) when (e is MailException or ObjectDisposedException or OperationCanceledException)
        {
            // An outage: what was known stays.
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }
}
