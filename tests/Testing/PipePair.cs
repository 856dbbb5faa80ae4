using System.IO.Pipelines;
using System.Net;
using Webmail.Protocols.Wire;

namespace Webmail.Testing;

/// <summary>A connection without a port: what the server under test gets, and the client's end of it as a stream.</summary>
public sealed class PipePair : IDisposable
{
    private readonly Pipe _toServer = new();
    private readonly Pipe _toClient = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _ended = new();

    public PipePair(IPEndPoint remote, bool implicitTls, string id)
    {
        Client = new PipeStream(_toClient.Reader, _toServer.Writer);
        Server = new WireConnection(
            new Transport(_toServer.Reader, _toClient.Writer), remote, new IPEndPoint(IPAddress.Loopback, 1), implicitTls, id, Abort, _stopping.Token, _ended.Token);
    }

    public Stream Client { get; }

    public WireConnection Server { get; }

    /// <summary>What a server's stop looks like to the connection.</summary>
    public void Stop() => _stopping.Cancel();

    /// <summary>The client closes its half, and reads on or not.</summary>
    public void End()
    {
        _toServer.Writer.Complete();
        _ended.Cancel();
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _ended.Dispose();
    }

    private void Abort()
    {
        _toClient.Writer.CancelPendingFlush();
        _toClient.Writer.Complete(new IOException("aborted"));
        _toServer.Writer.Complete(new IOException("aborted"));
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
