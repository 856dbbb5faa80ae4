namespace Webmail.Web.Cli.Checks;

/// <summary>Room on the disks that the data directory and the private cluster stand on.</summary>
internal sealed class DataDirectoryCheck : IDoctorCheck
{
    const long Little = 1L << 30;

    public string Subject => "data directory";

    public Task<IReadOnlyList<Finding>> RunAsync(Workbench bench, CancellationToken ct)
    {
        var places = new List<string> { bench.Settings.DataDirectory };
        if (bench.Database.Local is { IsElsewhere: true } local)
            places.Add(local.ClusterDirectory);
        return Task.FromResult<IReadOnlyList<Finding>>([.. places.Select(Look)]);
    }

    Finding Look(string directory)
    {
        var disk = new DriveInfo(directory);
        var free = disk.AvailableFreeSpace;
        var text = $"{directory} has {Table.Bytes(free)} free of {Table.Bytes(disk.TotalSize)}";
        return free < Little || free < disk.TotalSize / 50
            ? Finding.Problem(Subject, text, "make room: a full disk stops mail (nothing acknowledged is lost)")
            : Finding.Ok(Subject, text);
    }
}
