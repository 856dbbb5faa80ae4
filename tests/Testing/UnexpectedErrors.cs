using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Webmail.Testing;

/// <summary>Keeps what the product logs as an error, for a test to find empty.</summary>
public sealed class UnexpectedErrors : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _errors = new();

    public IReadOnlyCollection<string> All => _errors;

    public ILogger CreateLogger(string categoryName) => new ErrorLog(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class ErrorLog(UnexpectedErrors errors, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                errors._errors.Enqueue($"{category}: {formatter(state, exception)}{Environment.NewLine}{exception}");
        }
    }
}
