using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Webmail.EndToEnd.Clients;

/// <summary>A program in a terminal of its own (util-linux' script), for those that want a person in front.</summary>
internal sealed class Terminal : IDisposable
{
    private readonly ClientDay _day;
    private readonly Process _process;
    private readonly StringBuilder _screen = new();
    private readonly Task _reading;
    private int _typed;
    private TaskCompletionSource _drawn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="command">For the shell.</param>
    public Terminal(ClientDay day, string command)
    {
        _day = day;
        _process = day.Start("script", "-qfec", "stty rows 40 cols 132; export TERM=vt100; exec " + command, "/dev/null");
        _reading = ReadAsync();
    }

    public async Task TypeAsync(string keys)
    {
        _typed = Screen.Length;
        await _process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(keys));
        await _process.StandardInput.BaseStream.FlushAsync();
    }

    /// <summary>Waits until it has left by itself.</summary>
    public Task EndAsync() => _day.EndAsync(_process, async () =>
    {
        await _reading;
        return Screen;
    });

    /// <summary>Waits until it has written what matches since the last key; for prompts, which throw away what was typed before.</summary>
    public async Task ShownAsync(string pattern)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var drawn = Volatile.Read(ref _drawn);
            if (Regex.IsMatch(Screen[_typed..], pattern, RegexOptions.None, TimeSpan.FromSeconds(5)))
                return;
            try
            {
                await drawn.Task.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"The terminal never showed \"{pattern}\":\n{Screen}", e);
            }
        }
    }

    private string Screen
    {
        get
        {
            lock (_screen)
                return _screen.ToString();
        }
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer) is > 0 and var n)
        {
            lock (_screen)
                _screen.Append(buffer, 0, n);
            Interlocked.Exchange(ref _drawn, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
