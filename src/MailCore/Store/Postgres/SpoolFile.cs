using Microsoft.Win32.SafeHandles;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>Where spool files stand. They go with their handle; what a crash left behind goes at the next start, after a day (other processes may be writing).</summary>
internal sealed class SpoolDirectory(string path)
{
    private readonly Lock _gate = new();
    private bool _ready;

    /// <exception cref="MailException">Unavailable: the disk is full or can't be written.</exception>
    public SpoolFile Create()
    {
        try
        {
            lock (_gate)
            {
                if (!_ready)
                    Prepare();
                _ready = true;
            }

            return new SpoolFile(Path.Combine(path, Guid.NewGuid().ToString("n")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailException(MailError.Unavailable, "There is no room for the message just now", e);
        }
    }

    private void Prepare()
    {
        if (OperatingSystem.IsWindows())
            System.IO.Directory.CreateDirectory(path);
        else
            System.IO.Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var yesterday = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1);
        foreach (var file in System.IO.Directory.EnumerateFiles(path))
        {
            if (File.GetLastWriteTimeUtc(file) < yesterday)
                File.Delete(file);
        }
    }
}

/// <summary>One large message on its way. The octets begin behind a gap, so that what is put in front can be written without moving them.</summary>
internal sealed class SpoolFile : IDisposable
{
    /// <summary>Room for what is put in front.</summary>
    private const int Gap = 256 * 1024;

    private readonly SafeFileHandle _handle;

    public SpoolFile(string path) =>
        _handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous | FileOptions.DeleteOnClose);

    public long Length { get; private set; }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await RandomAccess.WriteAsync(_handle, bytes, Gap + Length, ct);
        Length += bytes.Length;
    }

    /// <summary>Puts the front in front; the whole message then reads as one.</summary>
    public async ValueTask<MessageBody> FinishAsync(ReadOnlyMemory<byte> front, CancellationToken ct)
    {
        if (front.Length > Gap)
            throw new ArgumentException("Too much is put in front of the message", nameof(front));
        await RandomAccess.WriteAsync(_handle, front, Gap - front.Length, ct);
        return new Body(_handle, Gap - front.Length, front.Length + Length);
    }

    public void Dispose() => _handle.Dispose();

    private sealed class Body(SafeFileHandle handle, long start, long length) : MessageBody
    {
        public override long Length => length;

        public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
        {
            bytes = default;
            return false;
        }

        public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct)
        {
            var n = (int)Math.Min(buffer.Length, length - offset);
            return n <= 0 ? 0 : await RandomAccess.ReadAsync(handle, buffer[..n], start + offset, ct);
        }
    }
}
