namespace Webmail.Web.Live;

/// <summary>How long a component lives, as a token that may be asked also when it is over: work that it began may still be on its way back.</summary>
internal sealed class Lifetime : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    public Lifetime() => Token = _source.Token;

    /// <summary>Cancelled when the component was left.</summary>
    public CancellationToken Token { get; }

    public bool IsOver => Token.IsCancellationRequested;

    public void Dispose()
    {
        _source.Cancel();
        _source.Dispose();
    }
}
